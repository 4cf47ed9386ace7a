import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import outcome, violations
from apps.challenges.models import Challenge, Membership
from apps.challenges.tests.steps import NOBODY, admin_of, people, read, stored, told
from apps.core import clock
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
STATUSES = ("pending", "active", "completed", "failed", "archived")
TRANSITIONS = {
    ("pending", "active"),
    ("active", "completed"),
    ("active", "failed"),
    *((status, "archived") for status in STATUSES),
    *((status, status) for status in STATUSES),
}


@pytest.fixture
def path(challenge):
    return f"/challenges/{challenge.id}"


class TestEdit:
    def test_it_works(self, as_owner, owner, challenge, path):
        changes = {"name": " New name ", "description": "line\nline", "max_members": 50, "is_public": True}
        before = read(owner, challenge)
        with clock.standing_at(TODAY + DAY / 24 / 60):
            response = as_owner.patch(path, changes)
        assert response.status_code == 200
        assert response.json() == before | changes | {"name": "New name"}
        assert response.json() == read(owner, challenge)
        assert stored(challenge).updated_at > TODAY

    @pytest.mark.parametrize(
        "changes", [{"name": "x"}, {"description": "x"}, {"max_members": 2}, {"is_public": True}, {"status": "failed"}]
    )
    def test_it_changes_what_was_sent_and_nothing_else(self, as_owner, owner, challenge, path, changes):
        before = read(owner, challenge)
        assert as_owner.patch(path, changes).json() == before | changes

    @pytest.mark.parametrize("empty", [None, ""])
    def test_it_clears_the_description(self, as_owner, challenge, path, empty):
        Challenge.objects.update(description="x")
        assert as_owner.patch(path, {"description": empty}).json()["description"] is None
        assert stored(challenge).description is None

    def test_it_needs_something_to_change(self, as_owner, path):
        for nothing in ({}, {"type": "group", "start_date": "2026-01-01", "invite_code": "AAAAAA", "member_count": 9}):
            assert outcome(as_owner.patch(path, nothing)) == (400, "no_fields")

    def test_it_ignores_what_cannot_be_edited__hc14(self, as_owner, owner, challenge, path):
        before = read(owner, challenge)
        extra = {"id": str(NOBODY), "created_by": str(NOBODY), "current_streak": 9, "end_date": "2027-01-01"}
        assert as_owner.patch(path, {"name": "x"} | extra).json() == before | {"name": "x"}

    def test_it_edits_closed_and_archived_ones_too(self, as_owner, challenge, path):
        for status in ("completed", "archived"):
            Challenge.objects.update(status=status)
            assert as_owner.patch(path, {"name": status}).json()["name"] == status

    @pytest.mark.parametrize(
        ("field", "value", "type"),
        [
            ("name", None, "null"),
            ("name", "\u200b", "blank"),
            ("name", "n" * 201, "max_length"),
            ("name", 5, "invalid"),
            ("description", "d" * 2001, "max_length"),
            ("description", "a\x00b", "invalid"),
            ("status", None, "null"),
            ("status", "done", "invalid_choice"),
            ("status", 1, "invalid_choice"),
            ("max_members", None, "null"),
            ("max_members", 0, "min_value"),
            ("max_members", 51, "max_value"),
            ("max_members", "5", "invalid"),
            ("is_public", None, "null"),
            ("is_public", "true", "invalid"),
        ],
    )
    def test_it_refuses__hc10_hc11(self, as_owner, owner, challenge, path, field, value, type):
        before = read(owner, challenge)
        other = {"description": "x"} if field == "name" else {"name": "x"}
        assert violations(as_owner.patch(path, other | {field: value})) == [(field, type)]
        assert read(owner, challenge) == before

    def test_it_refuses_a_shape_before_it_looks_for_the_challenge(self, as_outsider):
        assert violations(as_outsider.patch(f"/challenges/{NOBODY}", {"name": ""})) == [("name", "blank")]
        assert outcome(as_outsider.patch(f"/challenges/{NOBODY}", {})) == (404, "challenge_not_found")

    def test_it_refuses_strangers_and_members_before_it_looks_at_the_rules(self, as_outsider, as_member, path):
        assert outcome(as_outsider.patch(path, {})) == (403, "not_a_member")
        assert outcome(as_member.patch(path, {})) == (403, "insufficient_role")
        assert outcome(as_member.patch(path, {"status": "pending"})) == (403, "insufficient_role")


class TestCapacity:
    def test_it_may_shrink_to_the_members_there_are(self, as_owner, challenge, path):
        testing.add_member(challenge, testing.make_user(), status="left")
        assert as_owner.patch(path, {"max_members": 2}).json()["max_members"] == 2
        response = as_owner.patch(path, {"max_members": 1, "name": "not this either"})
        assert outcome(response) == (400, "max_members_below_count")
        assert response.json()["detail"] == "max_members cannot be below the 2 current members."
        assert (stored(challenge).max_members, stored(challenge).name) == (2, challenge.name)


class TestStatus:
    @pytest.mark.parametrize("before", STATUSES)
    @pytest.mark.parametrize("after", STATUSES)
    def test_it_knows_the_table(self, as_owner, challenge, path, before, after):
        Challenge.objects.update(status=before)
        response = as_owner.patch(path, {"status": after, "name": "new"})
        if (before, after) in TRANSITIONS:
            assert (response.status_code, response.json()["status"], response.json()["name"]) == (200, after, "new")
            assert stored(challenge).status == after
        else:
            assert outcome(response) == (400, "invalid_status_transition")
            assert response.json()["detail"] == f"A challenge cannot go from {before} to {after}."
            assert (stored(challenge).status, stored(challenge).name) == (before, challenge.name)

    def test_the_same_status_changes_nothing(self, as_owner, member, challenge, path):
        with clock.standing_at(TODAY + DAY / 24 / 60):
            assert as_owner.patch(path, {"status": "active"}).status_code == 200
        assert (stored(challenge).updated_at, told(member)) == (challenge.updated_at, [])

    def test_it_checks_the_transition_before_the_capacity(self, as_owner, path):
        response = as_owner.patch(path, {"status": "pending", "max_members": 1})
        assert outcome(response) == (400, "invalid_status_transition")

    def test_an_admin_closes_but_does_not_archive(self, challenge, path):
        api = testing.Api(admin_of(challenge))
        assert outcome(api.patch(path, {"status": "archived"})) == (403, "insufficient_role")
        assert api.patch(path, {"status": "completed"}).json()["status"] == "completed"
        assert outcome(api.patch(path, {"status": "archived", "name": "x"})) == (403, "insufficient_role")
        assert stored(challenge).name == challenge.name

    def test_starting_tells_the_others_by_the_new_name(self, as_owner, owner, member, challenge, path):
        Challenge.objects.update(status="pending")
        assert as_owner.patch(path, {"status": "active", "name": "Moves"}).json()["status"] == "active"
        assert told(member) == [("challenge_started", "Challenge started!", "'Moves' has started.")]
        assert told(owner) == []

    def test_completing_has_all_its_effects(self, as_owner, owner, member, challenge, path):
        Membership.objects.update(total_checkins=50)  # of 62
        assert as_owner.patch(path, {"status": "completed", "name": "Moves"}).status_code == 200
        closed = stored(challenge)
        assert (closed.name, str(closed.completion_rate)) == ("Moves", "80.65")
        assert told(member) == [("challenge_completed", "Challenge completed!", "'Moves' is completed: 80.65 %.")]
        assert told(owner) == []
        assert set(User.objects.values_list("total_challenges_completed", flat=True)) == {1}
        assert set(Membership.objects.values_list("is_completed", flat=True)) == {True}

    def test_completing_again_has_none(self, as_owner, member, challenge, path):
        Membership.objects.update(total_checkins=62)
        for _ in range(2):
            assert as_owner.patch(path, {"status": "completed"}).status_code == 200
        assert (len(told(member)), User.objects.get(pk=member.pk).total_challenges_completed) == (1, 1)

    def test_archiving_keeps_statistics_and_tells_nobody(self, as_owner, member, challenge, path):
        Membership.objects.update(total_checkins=5)
        assert as_owner.patch(path, {"status": "archived"}).json()["status"] == "archived"
        assert (told(member), stored(challenge).completion_rate) == ([], None)
        assert set(Membership.objects.values_list("total_checkins", flat=True)) == {5}


class TestCost:
    @pytest.mark.parametrize("count", [2, 20])
    @pytest.mark.parametrize(
        ("before", "changes", "cold"),
        [
            ("active", {"name": "x", "max_members": 50}, 8),
            ("active", {"status": "active"}, 6),
            ("pending", {"status": "active", "name": "x"}, 9),
            ("active", {"status": "completed", "name": "x"}, 12),
            ("active", {"status": "failed", "is_public": True}, 9),
            ("completed", {"status": "archived", "name": "x"}, 8),
        ],
    )
    def test_it_does_not_depend_on_the_members_and_is_one_less_warm(
        self, as_owner, owner, count, before, changes, cold, django_assert_num_queries
    ):
        for queries in testing.cold_then_warm(as_owner, cold, cold - 1):
            challenge = testing.make_challenge(owner, *people(count), max_members=50, status=before, habits=4)
            Membership.objects.update(total_checkins=124)
            with django_assert_num_queries(queries):
                assert as_owner.patch(f"/challenges/{challenge.id}", changes).status_code == 200
