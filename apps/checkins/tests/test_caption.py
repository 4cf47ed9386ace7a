"""PATCH /checkins/{id}: the caption, today."""

from datetime import timedelta

import pytest

from apps import testing
from apps.challenges.models import Challenge, Membership
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import check_in, code, moment
from apps.core import clock
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

TODAY = testing.NOON
PHOTO = "https://cdn.example.com/a.jpg"
NOBODY = "00000000-0000-0000-0000-00000000dead"


def edit(user, answer, body):
    return testing.Api(user).patch(f"/checkins/{answer.json()['checkin']['id']}", body)


class TestCaption:
    def test_it_works(self, challenge, member):
        answer = check_in(member, challenge, caption="before", photo_url=PHOTO)
        with clock.standing_at(TODAY + timedelta(minutes=5)):
            response = edit(member, answer, {"caption": " after "})
        assert response.status_code == 200
        changes = {"caption": "after", "updated_at": "2026-03-02T12:05:00Z"}
        assert response.json() == answer.json()["checkin"] | changes
        assert CheckIn.objects.get().caption == "after"

    @pytest.mark.parametrize("nothing", [None, "", "  "])
    def test_it_clears(self, nothing, challenge, member):
        answer = check_in(member, challenge, caption="before")
        assert edit(member, answer, {"caption": nothing}).json()["caption"] is None

    def test_it_changes_nothing_else__hc14(self, challenge, member):
        answer = check_in(member, challenge, photo_url=PHOTO)
        extra = {"photo_url": None, "checkin_date": "2026-01-01", "points_earned": 99, "status": "rejected"}
        found = edit(member, answer, extra | {"caption": "x"}).json()
        assert found == answer.json()["checkin"] | {"caption": "x"}

    def test_it_works_after_leaving_and_in_a_closed_challenge(self, challenge, member):
        answer = check_in(member, challenge)
        Membership.objects.filter(user=member).update(status="left")
        Challenge.objects.update(status="archived")
        assert edit(member, answer, {"caption": "x"}).status_code == 200

    def test_today_is_the_owners(self, challenge):
        pat = testing.make_user("Pat", timezone="Pacific/Pago_Pago")
        testing.add_member(challenge, pat)
        with clock.standing_at(moment("2026-03-02T10:30Z")):
            answer = check_in(pat, challenge)  # 03-01 there
        with clock.standing_at(moment("2026-03-02T10:59Z")):
            assert edit(pat, answer, {"caption": "x"}).status_code == 200
        with clock.standing_at(moment("2026-03-02T11:00Z")):
            assert code(edit(pat, answer, {"caption": "x"})) == (400, "not_today")


class TestRefusal:
    """In its order: each case breaks its rule and those behind it that can be broken with it."""

    def test_it_comes_first_that_it_is_unknown(self, as_member):
        assert code(as_member.patch(f"/checkins/{NOBODY}", {})) == (404, "checkin_not_found")

    def test_then_that_it_is_somebody_elses__hc26(self, challenge, member, owner, outsider):
        answer = check_in(member, challenge)
        for other in (owner, outsider):
            assert code(edit(other, answer, {})) == (403, "not_owner")

    def test_then_that_nothing_is_to_be_done(self, challenge, member):
        answer = check_in(member, challenge)
        with clock.standing_at(TODAY + DAY):
            response = edit(member, answer, {"photo_url": PHOTO})
        assert code(response) == (400, "no_fields")

    def test_then_that_it_is_not_todays(self, member):
        answer = check_in(member, testing.make_challenge(member, require_evidence=True), caption="x")
        with clock.standing_at(TODAY + DAY):
            response = edit(member, answer, {"caption": None})
        assert code(response) == (400, "not_today")

    def test_last_that_it_would_be_without_evidence(self, member):
        strict = testing.make_challenge(member, require_evidence=True)
        answer = check_in(member, strict, 1, caption="x")
        assert code(edit(member, answer, {"caption": ""})) == (400, "evidence_required")
        assert CheckIn.objects.get().caption == "x"
        other = check_in(member, strict, 2, caption="x", photo_url=PHOTO)
        assert edit(member, other, {"caption": ""}).status_code == 200

    @pytest.mark.parametrize("caption", [1, False, [], "\x00", "x" * 501])
    def test_what_is_invalid_comes_before_what_is_missing__hc10(self, caption, as_member):
        assert as_member.patch(f"/checkins/{NOBODY}", {"caption": caption}).status_code == 422

    def test_it_needs_a_token(self, anonymous):
        assert code(anonymous.patch(f"/checkins/{NOBODY}", {})) == (401, "authentication_required")


class TestCost:
    def test_it_is_three_statements(self, challenge, member, django_assert_num_queries):
        id, api = check_in(member, challenge).json()["checkin"]["id"], testing.Api(member)
        with django_assert_num_queries(3):
            assert api.patch(f"/checkins/{id}", {"caption": "x"}).status_code == 200
