"""Joining, leaving, kicking, editing and closing at once, with real threads: as if one came after the other."""

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import at_once
from apps.challenges.models import Membership
from apps.challenges.tests.steps import assert_counts_are_exact, membership, people, stored, told
from apps.checkins.models import CheckIn
from apps.notifications.models import Notification

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

ROUNDS = 5


def clients(users):
    return [testing.Api(user) for user in users]


def joining(api, challenge):
    return lambda: api.post("/challenges/join", {"invite_code": challenge.invite_code})


def leaving(api, challenge):
    return lambda: api.post(f"/challenges/{challenge.id}/leave")


def kicking(api, challenge, user):
    return lambda: api.delete(f"/challenges/{challenge.id}/members/{user.id}")


def patching(api, challenge, **changes):
    return lambda: api.patch(f"/challenges/{challenge.id}", changes)


def statuses(answers):
    return sorted(answer.status_code for answer in answers)


class TestPlaces:
    def test_five_places_are_taken_by_five_of_fifty__hc32(self, owner):
        joiners = clients(people(50))
        for _ in range(3):
            challenge = testing.make_challenge(owner, max_members=6)
            answers = at_once(*[joining(api, challenge) for api in joiners])
            assert statuses(answers) == [200] * 5 + [400] * 45
            assert {answer.json()["code"] for answer in answers if answer.status_code == 400} == {"challenge_full"}
            assert stored(challenge).member_count == 6
            assert_counts_are_exact()
            assert Notification.objects.filter(data__challenge_id=str(challenge.id)).count() == 5

    def test_one_person_joins_once_from_ten_places(self, owner, outsider):
        api = testing.Api(outsider)
        for _ in range(ROUNDS):
            challenge = testing.make_challenge(owner)
            answers = at_once(*[joining(api, challenge)] * 10)
            assert statuses(answers) == [200] + [400] * 9
            assert {answer.json().get("code") for answer in answers} == {None, "already_member"}
            assert_counts_are_exact()

    def test_a_place_is_not_taken_while_it_is_removed(self, owner, as_owner):
        joiners = clients(people(6))
        for _ in range(ROUNDS):
            challenge = testing.make_challenge(owner, max_members=10)
            answers = at_once(
                *[joining(api, challenge) for api in joiners], patching(as_owner, challenge, max_members=4)
            )
            after = stored(challenge)
            assert after.member_count == 1 + statuses(answers[:-1]).count(200) <= after.max_members
            assert after.max_members == (4 if answers[-1].status_code == 200 else 10)
            assert_counts_are_exact()


class TestComingAndGoing:
    def test_the_count_is_exact_whoever_comes_and_goes__hc33(self, owner, as_owner):
        challenge = testing.make_challenge(owner, max_members=50)
        users = people(8)
        kicked = users[-2:]

        def loop(api):
            for _ in range(6):
                assert joining(api, challenge)().status_code in (200, 400, 403)
                assert leaving(api, challenge)().status_code in (200, 400, 403)
            return joining(api, challenge)()

        def kick():
            answers = [kicking(as_owner, challenge, user)() for _ in range(20) for user in kicked]
            return {answer.status_code for answer in answers}

        *_, kicks = at_once(*[lambda api=api: loop(api) for api in clients(users)], kick)
        assert kicks <= {204, 404}
        assert_counts_are_exact()
        for user in users:
            assert membership(challenge, user).status == "active" or user in kicked

    def test_leaving_and_being_kicked_have_one_winner(self, owner, as_owner, member, as_member):
        for _ in range(ROUNDS):
            challenge = testing.make_challenge(owner, member)
            left, kicked = at_once(leaving(as_member, challenge), kicking(as_owner, challenge, member))
            end = membership(challenge, member).status
            expected = {"left": (200, 404), "kicked": (403, 204)}
            assert (left.status_code, kicked.status_code) == expected[end]
            assert stored(challenge).member_count == 1

    def test_nobody_checks_in_after_leaving(self, owner, member, as_member):
        for _ in range(ROUNDS):
            challenge = testing.make_challenge(owner, member)
            body = {"challenge_id": challenge.id, "habit_id": testing.HABITS[0]}
            left, checked = at_once(leaving(as_member, challenge), lambda body=body: as_member.post("/checkins", body))
            rows = CheckIn.objects.filter(challenge=challenge).count()
            assert left.status_code == 200
            assert (checked.status_code, rows) in ((201, 1), (403, 0))
            assert membership(challenge, member).total_checkins == rows


class TestClosing:
    def test_it_happens_once_whoever_closes(self, owner, member):
        apis = clients([owner, owner, owner, owner])
        for round in range(1, ROUNDS + 1):
            challenge = testing.make_challenge(owner, member, habits=1)
            Membership.objects.filter(challenge=challenge).update(total_checkins=31)
            closings = ("completed", "failed", "completed", "failed")
            answers = at_once(
                *[patching(api, challenge, status=status) for api, status in zip(apis, closings, strict=True)]
            )
            end = stored(challenge).status
            assert {answer.status_code for answer, wish in zip(answers, closings, strict=True) if wish == end} == {200}
            assert {answer.status_code for answer, wish in zip(answers, closings, strict=True) if wish != end} == {400}
            assert len(told(member)) == round
            wins = Membership.objects.filter(user=member, is_completed=True).count()
            assert User.objects.get(pk=member.pk).total_challenges_completed == wins

    def test_closing_many_challenges_of_the_same_people_never_deadlocks(self, owner, member, outsider):
        api = testing.Api(owner)
        for _ in range(ROUNDS):
            challenges = [testing.make_challenge(owner, member, outsider, habits=1) for _ in range(6)]
            Membership.objects.update(total_checkins=31)
            answers = at_once(*[patching(api, challenge, status="completed") for challenge in challenges])
            assert statuses(answers) == [200] * 6
        done = set(User.objects.values_list("total_challenges_completed", flat=True))
        assert done == {6 * ROUNDS}

    def test_no_check_in_is_stored_after_archiving_has_answered(self, owner, as_owner, member, as_member):
        for _ in range(ROUNDS):
            challenge = testing.make_challenge(owner, member)
            body = {"challenge_id": challenge.id, "habit_id": testing.HABITS[0]}

            def archive(challenge=challenge):
                assert as_owner.delete(f"/challenges/{challenge.id}").status_code == 204
                return CheckIn.objects.filter(challenge=challenge).count()

            seen, checked = at_once(archive, lambda body=body: as_member.post("/checkins", body))
            rows = CheckIn.objects.filter(challenge=challenge).count()
            assert rows == seen
            assert (checked.status_code, rows) in ((201, 1), (400, 0))
