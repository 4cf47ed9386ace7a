"""POST /checkins: what it refuses, in which order, and the evidence it asks for."""

import pytest
from django.test import override_settings

from apps import testing
from apps.challenges.models import Challenge, ChallengeHabit
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import NOBODY, PHOTO, VIDEO, check_in, code, member_state, user_state
from apps.core import clock
from apps.core.clock import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class TestRefusal:
    """Contract 3.8, in its order: each case breaks its rule and all the rules behind it."""

    def refused(self, member, challenge, habit=1, **body):
        before = (member_state(challenge, member), user_state(member), CheckIn.objects.count())
        response = check_in(member, challenge, habit, **body)
        assert (member_state(challenge, member), user_state(member), CheckIn.objects.count()) == before
        return response

    def test_it_comes_first_that_the_challenge_is_unknown(self, as_member):
        body = {"challenge_id": NOBODY, "habit_id": NOBODY}
        assert code(as_member.post("/checkins", body)) == (404, "challenge_not_found")

    def test_then_that_nobody_but_active_members_check_in(self, outsider, owner):
        closed = testing.make_challenge(owner, status="archived")
        assert code(check_in(outsider, closed, 9)) == (403, "not_a_member")

    @pytest.mark.parametrize("status", ["left", "kicked", "pending"])
    def test_a_former_or_future_member_is_a_stranger__hc26(self, status, challenge, outsider):
        testing.add_member(challenge, outsider, status=status)
        assert code(self.refused(outsider, challenge)) == (403, "not_a_member")

    @pytest.mark.parametrize("status", ["completed", "failed", "archived"])
    def test_then_that_the_challenge_is_closed(self, status, member):
        day = clock.now().date()
        closed = testing.make_challenge(member, status=status, start_date=day + DAY, end_date=day + 3 * DAY)
        assert code(self.refused(member, closed, 9)) == (400, "challenge_closed")

    def test_it_is_closed_after_its_last_day(self, member):
        day = clock.now().date()
        over = testing.make_challenge(member, start_date=day - 2 * DAY, end_date=day - DAY)
        assert code(self.refused(member, over, 9)) == (400, "challenge_closed")

    @pytest.mark.parametrize("status", ["pending", "active"])
    def test_then_that_it_has_not_started_whatever_its_status(self, status, member):
        day = clock.now().date() + DAY
        future = testing.make_challenge(member, status=status, start_date=day, end_date=day + DAY)
        response = self.refused(member, future, 9)
        assert code(response) == (400, "challenge_not_started")
        assert response.json()["detail"] == "This challenge starts on 2026-03-03."
        assert Challenge.objects.get(pk=future.pk).status == status

    def test_then_that_the_habit_is_not_part_of_it(self, member):
        strict = testing.make_challenge(member, require_evidence=True)
        assert code(self.refused(member, strict, 9)) == (400, "habit_not_in_challenge")

    def test_an_unknown_habit_is_not_part_of_it(self, challenge, as_member):
        response = as_member.post("/checkins", {"challenge_id": challenge.id, "habit_id": NOBODY})
        assert code(response) == (400, "habit_not_in_challenge")

    def test_then_that_evidence_is_missing(self, member):
        strict = testing.make_challenge(member, require_evidence=True)
        check_in(member, strict, caption="done")
        assert code(self.refused(member, strict, caption="  ")) == (400, "evidence_required")

    def test_last_that_it_is_already_there(self, challenge, member):
        check_in(member, challenge)
        assert code(self.refused(member, challenge, caption="again")) == (400, "already_checked_in")


class TestEvidence:
    @pytest.mark.parametrize("evidence", [{"caption": "x"}, {"photo_url": PHOTO}, {"video_url": VIDEO}])
    @pytest.mark.parametrize("kind", ["photo", "video", "caption", "any"])
    def test_any_piece_will_do(self, kind, evidence, member):
        challenge = testing.make_challenge(member, require_evidence=True, checkin_type=kind)
        assert check_in(member, challenge, **evidence).status_code == 201

    @override_settings(STRICT_EVIDENCE=True)
    @pytest.mark.parametrize(
        ("kind", "evidence"),
        [("photo", {"photo_url": PHOTO}), ("video", {"video_url": VIDEO}), ("caption", {"caption": "x"})],
    )
    def test_it_is_of_the_kind_when_that_is_strict(self, kind, evidence, member):
        challenge = testing.make_challenge(member, require_evidence=True, checkin_type=kind)
        every = {"photo_url": PHOTO, "video_url": VIDEO, "caption": "x"}
        wrong = {name: value for name, value in every.items() if name not in evidence}
        response = check_in(member, challenge, **wrong)
        assert code(response) == (400, "evidence_type_mismatch")
        assert response.json()["detail"] == f"This challenge asks for {kind} evidence."
        assert code(check_in(member, challenge)) == (400, "evidence_required")
        assert check_in(member, challenge, **evidence).status_code == 201

    @override_settings(STRICT_EVIDENCE=True)
    def test_a_strict_kind_any_accepts_each(self, member):
        challenge = testing.make_challenge(member, require_evidence=True, checkin_type="any", habits=3)
        for habit, evidence in enumerate([{"caption": "x"}, {"photo_url": PHOTO}, {"video_url": VIDEO}], 1):
            assert check_in(member, challenge, habit, **evidence).status_code == 201

    @override_settings(STRICT_EVIDENCE=True)
    def test_strictness_asks_for_nothing_where_no_evidence_is_required(self, challenge, member):
        assert check_in(member, challenge).status_code == 201


class TestInput:
    @pytest.mark.parametrize("kind", ["required", "null", "invalid"])
    def test_it_needs_two_ids__hc10(self, kind, as_member):
        no_ids = ["x", 1, True, [NOBODY], "{" + NOBODY + "}", "urn:uuid:" + NOBODY, NOBODY.replace("-", "")]
        bodies = {
            "required": [{}],
            "null": [{"challenge_id": None, "habit_id": None}],
            "invalid": [{"challenge_id": id, "habit_id": id} for id in no_ids],
        }
        for body in bodies[kind]:
            self.assert_invalid(as_member.post("/checkins", body), {("challenge_id", kind), ("habit_id", kind)})

    @pytest.mark.parametrize(
        "url",
        ["ftp://a.example/x", "/a.jpg", "a.jpg", "https://", "https://u:p@a.example/x", "https://a b/x", 7, ["x"]],
    )
    def test_it_takes_web_addresses_only(self, url, challenge, member):
        response = check_in(member, challenge, photo_url=url, video_url=url)
        self.assert_invalid(response, {("photo_url", "invalid"), ("video_url", "invalid")})

    def test_an_address_has_an_end(self, challenge, member):
        url = "https://a.example/" + "x" * 2030
        assert check_in(member, challenge, photo_url=url).json()["checkin"]["photo_url"] == url
        self.assert_invalid(check_in(member, challenge, photo_url=url + "x"), {("photo_url", "max_length")})

    @pytest.mark.parametrize("caption", ["\x00", "a\x07b", 1, True, {}, []])
    def test_it_takes_plain_text_as_caption__hc11(self, caption, challenge, member):
        self.assert_invalid(check_in(member, challenge, caption=caption), {("caption", "invalid")})

    def test_a_lone_surrogate_is_no_text__hc11(self, challenge, as_member):
        body = b'{"challenge_id": "%s", "habit_id": "%s", "caption": "\\ud800"}' % (
            str(challenge.id).encode(),
            str(testing.HABITS[0]).encode(),
        )
        self.assert_invalid(as_member.raw("POST", "/checkins", body), {("caption", "invalid")})

    def test_it_takes_ids_in_either_case(self, challenge, member, as_member):
        custom = testing.make_habit(member)
        ChallengeHabit.objects.create(challenge=challenge, habit=custom, display_order=3)
        body = {"challenge_id": str(challenge.id).upper(), "habit_id": str(custom.id).upper()}
        assert as_member.post("/checkins", body).json()["checkin"]["habit_id"] == str(custom.id)

    def test_what_is_invalid_comes_before_what_is_missing(self, as_member):
        assert as_member.post("/checkins", {"challenge_id": NOBODY, "habit_id": "x"}).status_code == 422

    def test_it_needs_a_token(self, challenge, anonymous):
        assert code(anonymous.post("/checkins", {})) == (401, "authentication_required")

    def assert_invalid(self, response, found):
        assert response.status_code == 422
        assert {(v["loc"][1], v["type"]) for v in response.json()["detail"]} == found
