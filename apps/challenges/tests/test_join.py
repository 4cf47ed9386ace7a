"""POST /challenges/join and POST /challenges/{id}/join."""

import pytest
from django.test import override_settings

from apps import testing
from apps.accounts.tests.people import outcome, violations
from apps.challenges.models import Challenge, Membership
from apps.challenges.tests.steps import NOBODY, assert_counts_are_exact, membership, people, read, stored, told
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON


def by_code(api, challenge):
    return api.post("/challenges/join", {"invite_code": challenge.invite_code})


def by_id(api, challenge):
    return api.post(f"/challenges/{challenge.id}/join")


WAYS = pytest.mark.parametrize("join", [by_code, by_id])


@pytest.fixture
def public(challenge):
    Challenge.objects.update(is_public=True)
    return challenge


@WAYS
class TestJoin:
    def test_it_works(self, join, as_outsider, outsider, public):
        with clock.standing_at(TODAY + DAY / 24 / 60):
            response = join(as_outsider, public)
        assert response.status_code == 200
        assert response.json() == read(outsider, public)
        assert (response.json()["my_role"], response.json()["my_status"]) == ("member", "active")
        assert response.json()["my_stats"]["hitch_count"] == 2
        assert (response.json()["member_count"], len(response.json()["members"])) == (3, 3)
        assert stored(public).updated_at == TODAY + DAY / 24 / 60
        assert_counts_are_exact()

    def test_it_begins_as_the_model_says(self, join, as_outsider, outsider, public):
        join(as_outsider, public)
        stored = Membership.objects.filter(challenge=public, user=outsider).values().get()
        begun = Membership(id=stored["id"], challenge_id=public.id, user_id=outsider.id)
        assert stored == {name: getattr(begun, name) for name in stored}

    def test_it_tells_the_creator(self, join, as_outsider, owner, member, outsider, public):
        Challenge.objects.update(name="March moves")
        join(as_outsider, public)
        assert told(owner) == [("member_joined", "New member!", "Ute joined your challenge 'March moves'.")]
        row = Notification.objects.get()
        ids = {"challenge_id": str(public.id), "user_id": str(outsider.id)}
        assert row.data == ids | {"challenge_name": "March moves"}
        assert (row.action_url, row.dedupe_key) == (f"/challenges/{public.id}", None)

    @override_settings(DEFAULT_HITCH_COUNT=5)
    def test_it_gives_the_hitches_of_the_setting(self, join, as_outsider, public):
        assert join(as_outsider, public).json()["my_stats"]["hitch_count"] == 5

    def test_a_former_member_keeps_everything_but_the_role(self, join, as_outsider, outsider, owner, public):
        kept = {"total_checkins": 5, "points_earned": 60, "longest_streak": 4, "hitch_count": 0}
        kept |= {"joined_at": TODAY - 9 * DAY, "kept_points": 10}
        testing.add_member(public, outsider, status="left", role="admin", left_at=TODAY, **kept)
        answer = join(as_outsider, public).json()
        mine = membership(public, outsider)
        assert {name: getattr(mine, name) for name in kept} == kept
        assert (mine.status, mine.role, mine.left_at) == ("active", "member", None)
        assert (answer["my_role"], answer["my_stats"]["hitch_count"]) == ("member", 0)
        assert [type for type, *_ in told(owner)] == ["member_joined"]
        assert_counts_are_exact()

    def test_a_pending_member_becomes_active(self, join, as_outsider, outsider, public):
        testing.add_member(public, outsider, status="pending")
        assert join(as_outsider, public).json()["my_status"] == "active"
        assert stored(public).member_count == 3
        assert_counts_are_exact()

    @pytest.mark.parametrize("is_public", [True, False])
    def test_a_member_is_told_so_first(self, join, as_member, as_owner, public, is_public):
        Challenge.objects.update(is_public=is_public, status="archived", max_members=2)
        for api in (as_member, as_owner):
            assert outcome(join(api, public)) == (400, "already_member")

    @pytest.mark.parametrize("is_public", [True, False])
    def test_who_was_kicked_stays_out(self, join, as_outsider, outsider, public, is_public):
        testing.add_member(public, outsider, status="kicked")
        Challenge.objects.update(is_public=is_public, status="archived")
        assert outcome(join(as_outsider, public)) == (403, "kicked")
        assert_counts_are_exact()

    def test_the_last_place_can_be_taken_and_no_other(self, join, as_outsider, outsider, public):
        Challenge.objects.update(max_members=3)
        assert join(testing.Api(testing.make_user()), public).status_code == 200
        assert outcome(join(as_outsider, public)) == (400, "challenge_full")
        testing.add_member(public, outsider, status="left")
        assert outcome(join(as_outsider, public)) == (400, "challenge_full")
        assert_counts_are_exact()

    @pytest.mark.parametrize("status", ["completed", "failed", "archived"])
    def test_it_is_too_late_when_it_is_closed(self, join, as_outsider, public, status):
        Challenge.objects.update(status=status, max_members=2)
        assert outcome(join(as_outsider, public)) == (400, "challenge_closed")

    def test_it_is_too_late_after_the_last_day_where_the_joiner_lives(self, join, public):
        """Noon in UTC of the last day; in Kiritimati the next one has begun."""
        with clock.standing_at(TODAY.replace(day=31)):
            east, west = (testing.make_user(timezone=zone) for zone in ("Pacific/Kiritimati", "Pacific/Midway"))
            assert outcome(join(testing.Api(east), public)) == (400, "challenge_closed")
            assert join(testing.Api(west), public).status_code == 200

    def test_it_may_be_joined_before_it_starts(self, join, as_outsider, public):
        Challenge.objects.update(status="pending", start_date=TODAY.date() + DAY)
        assert join(as_outsider, public).status_code == 200

    @pytest.mark.parametrize("type", ["individual", "group", "program"])
    def test_challenges_of_every_type_can_be_joined(self, join, as_outsider, public, type):
        Challenge.objects.update(type=type)
        assert join(as_outsider, public).status_code == 200

    def test_a_refusal_changes_nothing(self, join, as_outsider, owner, public):
        Challenge.objects.update(max_members=2)
        join(as_outsider, public)
        assert (Membership.objects.count(), told(owner), stored(public).member_count) == (2, [], 2)

    def test_it_needs_a_token(self, join, anonymous, public):
        assert outcome(join(anonymous, public)) == (401, "authentication_required")

    @pytest.mark.parametrize("count", [2, 20])
    def test_it_costs_eight_queries_cold_and_seven_warm(
        self, join, as_outsider, owner, count, django_assert_num_queries
    ):
        for queries in testing.cold_then_warm(as_outsider, 8, 7):
            challenge = testing.make_challenge(owner, *people(count), is_public=True, max_members=50, habits=4)
            with django_assert_num_queries(queries):
                assert join(as_outsider, challenge).status_code == 200


class TestByCode:
    def test_it_opens_private_challenges(self, as_outsider, challenge):
        assert by_code(as_outsider, challenge).status_code == 200

    @pytest.mark.parametrize("change", [str.lower, str.upper, lambda code: f" {code}\n"])
    def test_it_takes_the_code_in_every_case(self, as_outsider, challenge, change):
        Challenge.objects.update(invite_code="K7WQ2M")
        response = as_outsider.post("/challenges/join", {"invite_code": change("k7Wq2M")})
        assert response.json()["id"] == str(challenge.id)

    @pytest.mark.parametrize("code", ["ZZZZZZ", "OI01OI", "000000"])
    def test_it_knows_no_such_code(self, as_outsider, challenge, code):
        response = as_outsider.post("/challenges/join", {"invite_code": code})
        assert outcome(response) == (404, "invalid_invite_code")
        assert response.json()["detail"] == "Invalid invite code."

    @pytest.mark.parametrize(
        ("code", "type"),
        [
            ("", "blank"),
            ("ABCDE", "invalid"),
            ("ABCDEFG", "invalid"),
            ("ABC-EF", "invalid"),
            ("ABCDÉF", "invalid"),
            ("ABCDE\u0663", "invalid"),
            ("ABC EF", "invalid"),
            ("ABCDE\x00", "invalid"),
            (123456, "invalid"),
            (None, "null"),
            (["ABCDEF"], "invalid"),
        ],
    )
    def test_it_refuses_what_is_no_code__hc10_hc11(self, as_outsider, code, type, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert violations(as_outsider.post("/challenges/join", {"invite_code": code})) == [("invite_code", type)]

    def test_it_needs_one(self, as_outsider):
        assert violations(as_outsider.post("/challenges/join", {})) == [("invite_code", "required")]

    def test_it_ignores_everything_else__hc14(self, as_outsider, outsider, challenge):
        extra = {"role": "admin", "status": "pending", "user_id": str(NOBODY), "hitch_count": 9}
        as_outsider.post("/challenges/join", {"invite_code": challenge.invite_code} | extra)
        mine = membership(challenge, outsider)
        assert (mine.role, mine.status, mine.hitch_count) == ("member", "active", 2)

    def test_it_is_post_only(self, as_outsider):
        for method in ("GET", "PATCH", "DELETE"):
            response = as_outsider.raw(method, "/challenges/join")
            assert outcome(response) == (405, "method_not_allowed")


class TestById:
    @pytest.mark.parametrize("status", [None, "left", "pending"])
    def test_a_private_challenge_needs_an_invitation(self, as_outsider, outsider, challenge, status):
        if status:
            testing.add_member(challenge, outsider, status=status)
        Challenge.objects.update(status="archived")
        assert outcome(by_id(as_outsider, challenge)) == (403, "invite_required")

    def test_it_ignores_a_body(self, as_outsider, public):
        response = as_outsider.raw("POST", f"/challenges/{public.id}/join", b"\xff{", content_type="text/plain")
        assert response.status_code == 200

    @pytest.mark.parametrize("id", [NOBODY, "abc", "discover", "9" * 5000])
    def test_it_knows_no_such_challenge__hc1(self, as_outsider, id):
        assert outcome(as_outsider.post(f"/challenges/{id}/join")) == (404, "challenge_not_found")
