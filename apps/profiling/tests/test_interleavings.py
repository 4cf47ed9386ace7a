"""Every order of the steps of readers and writers, on the real services, database and cache: nobody sees the past."""

import itertools
import threading

import pytest
from django.db import transaction

from apps import testing
from apps.accounts import reads
from apps.accounts.cache import PROFILE, of_user
from apps.accounts.tests.people import at_once
from apps.challenges.models import Challenge, Membership
from apps.checkins.models import CheckIn
from apps.core import cache
from apps.core.cache_values import Fresh
from apps.notifications.models import NotificationType
from apps.notifications.services import notify
from apps.profiling.tests.freshness import Case, Reading, stale_reads, stale_versions
from apps.social.models import Friendship, Hitch

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def calling(user, method: str, path: str, body=lambda number: None):
    api = testing.Api(user)

    def write(number: int):
        answer = api.raw(method, path, testing.orjson.dumps(body(number) or {}))
        assert answer.status_code < 300, answer.content
        return answer

    return write


def in_turns(*writes):
    """One after the other: the second takes back what the first has done."""
    turns = itertools.cycle(writes)
    return lambda number: next(turns)(number)


@pytest.fixture
def public(owner, member):
    return testing.make_challenge(owner, member, is_public=True)


class TestProfileEdit:
    @pytest.mark.parametrize("path", ["/users/me", "/auth/me"])
    def test_its_owner_sees_it(self, member, path):
        assert stale_reads(Case(path, Reading(member, path), renaming(member))) == []

    def test_another_member_sees_it(self, challenge, owner, member):
        case = Case("public profile", Reading(owner, f"/users/{member.pk}"), renaming(member))
        assert stale_reads(case) == []

    def test_a_new_time_zone_is_seen_in_lists(self, challenge, member):
        zones = ["Pacific/Kiritimati", "Pacific/Pago_Pago"]
        moves = calling(member, "PATCH", "/users/me", lambda number: {"timezone": zones[number % 2]})
        Challenge.objects.update(current_streak=3, last_checkin_date=challenge.start_date)
        assert stale_reads(Case("time zone", Reading(member, "/challenges"), moves)) == []

    def test_two_readers_and_two_writers(self, member):
        write = calling(member, "PATCH", "/users/me", lambda number: {"display_name": str(number)})
        assert stale_versions(lambda: number_in(name_of(member)), write) == []


class TestChallengeEdit:
    def test_other_members_see_it_in_their_lists(self, challenge, owner, member):
        assert stale_reads(Case("list", Reading(member, "/challenges"), editing(owner, challenge))) == []

    def test_everybody_discovers_it(self, public, owner, outsider):
        assert stale_reads(Case("discover", Reading(outsider, "/challenges/discover"), editing(owner, public))) == []

    def test_public_and_private_in_turns(self, public, owner, outsider):
        write = calling(owner, "PATCH", f"/challenges/{public.pk}", lambda number: {"is_public": number % 2 == 0})
        assert stale_reads(Case("public", Reading(outsider, "/challenges/discover"), write)) == []

    def test_two_readers_and_two_writers(self, challenge, owner, member):
        read = Reading(member, "/challenges", first_number)
        assert stale_versions(read, editing(owner, challenge)) == []

    def test_its_end_is_seen_in_the_statistics_of_members(self, owner, member):
        read = Reading(member, "/users/me/stats")
        made = []

        def prepare(number):
            made.append(testing.make_challenge(owner, member))

        def archive(number):
            calling(owner, "DELETE", f"/challenges/{made[-1].pk}")(number)

        assert stale_reads(Case("archive", read, archive, prepare)) == []


class TestMembership:
    @pytest.fixture
    def comes_and_goes(self, public, outsider):
        path = f"/challenges/{public.pk}"
        return in_turns(calling(outsider, "POST", f"{path}/join"), calling(outsider, "POST", f"{path}/leave"))

    @pytest.mark.parametrize("path", ["/challenges", "/challenges/discover", "/users/me/stats"])
    def test_who_joins_and_leaves_sees_it(self, comes_and_goes, outsider, path):
        assert stale_reads(Case(path, Reading(outsider, path), comes_and_goes)) == []

    def test_other_members_see_the_count(self, comes_and_goes, member):
        assert stale_reads(Case("count", Reading(member, "/challenges"), comes_and_goes)) == []

    def test_the_creator_is_told(self, comes_and_goes, owner):
        assert stale_reads(Case("told", Reading(owner, "/notifications/unread/count"), comes_and_goes)) == []

    def test_who_is_removed_sees_it(self, challenge, owner, member):
        remove = calling(owner, "DELETE", f"/challenges/{challenge.pk}/members/{member.pk}")

        def back(number):
            Membership.objects.filter(user=member).update(status="active")
            Challenge.objects.update(member_count=2)

        assert stale_reads(Case("removed", Reading(member, "/challenges"), remove, back)) == []

    def test_a_new_role_is_seen(self, challenge, owner, member):
        roles = ["member", "admin"]
        path = f"/challenges/{challenge.pk}/members/{member.pk}"
        write = calling(owner, "PATCH", path, lambda number: {"role": roles[number % 2]})
        assert stale_reads(Case("role", Reading(member, "/challenges"), write)) == []


class TestFriendship:
    def test_who_asked_sees_the_yes(self, owner, member):
        row = testing.make_friendship(owner, member, "pending")
        accept = calling(member, "POST", f"/friends/requests/{row.pk}/respond", lambda number: {"action": "accept"})

        def ask_again(number):
            Friendship.objects.update(status="pending", accepted_at=None)

        assert stale_reads(Case("accepted", Reading(owner, "/users/me/stats"), accept, ask_again)) == []

    def test_who_is_removed_sees_it(self, owner, member):
        remove = calling(owner, "DELETE", f"/friends/{member.pk}")

        def befriend(number):
            Friendship.objects.all().delete()
            testing.make_friendship(owner, member)

        assert stale_reads(Case("removed friend", Reading(member, "/users/me"), remove, befriend)) == []


class TestCheckIn:
    @pytest.fixture
    def checks_in(self, challenge, member):
        """The first of its date in its challenge: two transactions, of which the first writes nothing."""
        body = {"challenge_id": challenge.pk, "habit_id": testing.HABITS[0]}
        return calling(member, "POST", "/checkins", lambda number: body)

    @pytest.fixture
    def takes_it_back(self, member):
        def write(number):
            calling(member, "DELETE", f"/checkins/{CheckIn.objects.values_list('pk', flat=True).get()}")(number)

        return write

    def test_its_author_sees_it(self, checks_in, takes_it_back, member):
        case = Case("me", Reading(member, "/users/me"), in_turns(checks_in, takes_it_back), commits=2)
        assert stale_reads(case) == []

    def test_other_members_see_the_streak(self, checks_in, takes_it_back, owner):
        case = Case("streak", Reading(owner, "/challenges"), in_turns(checks_in, takes_it_back), commits=2)
        assert stale_reads(case) == []


class TestUnreadCount:
    def test_new_and_read_ones_are_counted(self, member):
        def tell(number):
            with transaction.atomic():
                notify([member.pk], NotificationType.STREAK_REMINDER, title="Come", body="Check in.", data={})

        read_all = calling(member, "POST", "/notifications/mark-all-read")
        case = Case("unread", Reading(member, "/notifications/unread/count"), in_turns(tell, read_all))
        assert stale_reads(case) == []

    def test_who_is_hitched_is_told(self, challenge, owner, member):
        ids = {"challenge_id": challenge.pk, "habit_id": testing.HABITS[0], "target_user_ids": [member.pk]}
        hitch = calling(owner, "POST", "/hitch", lambda number: ids)

        def forget(number):
            Hitch.objects.all().delete()
            Membership.objects.update(hitch_count=2)

        assert stale_reads(Case("hitched", Reading(member, "/notifications/unread/count"), hitch, forget)) == []


class TestCrowd:
    def test_nobody_of_fifty_sees_a_past_edit__hc39(self, challenge, owner, member):
        """Without steps: as the threads happen to run."""
        answered, stale, is_over = [0], [], threading.Event()

        def keep_reading():
            read = Reading(member, "/challenges", first_number)
            while not is_over.wait(0.3):  # or the writer would wait for its turn for seconds
                least = answered[0]
                stale.extend([least] if read() < least else [])

        def keep_editing():
            edit = editing(owner, challenge)
            for number in range(1, 11):
                edit(number)
                answered[0] = number
            is_over.set()

        at_once(keep_editing, *[keep_reading] * 50)
        assert answered == [10] and stale == []


def renaming(user):
    return calling(user, "PATCH", "/users/me", lambda number: {"display_name": f"Name {number}"})


def editing(owner, challenge):
    return calling(owner, "PATCH", f"/challenges/{challenge.pk}", lambda number: {"name": str(number)})


def name_of(user) -> str:
    """As the engine shows it, without a request: the principal has the same token, and would be more steps."""
    key = of_user(PROFILE, user.pk)
    return cache.look(key).get(key, lambda: Fresh(reads.profile(user.pk).row()["display_name"].encode())).body.decode()


def number_in(name: str) -> int:
    """Names are numbers from the first edit on."""
    return int(name) if name.isdigit() else 0


def first_number(found: dict) -> int:
    return number_in(found["challenges"][0]["name"])
