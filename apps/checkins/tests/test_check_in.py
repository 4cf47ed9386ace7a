"""POST /checkins: what it answers, stores and refuses."""

from datetime import timedelta

import pytest
from django.test import override_settings

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, ChallengeHabit, Membership
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import check_in, code, make_row, member_state, moment, user_state
from apps.core import clock
from apps.core.clock import DAY
from apps.notifications.models import Notification

pytestmark = pytest.mark.django_db

PHOTO, VIDEO = "https://cdn.example.com/a.jpg", "http://localhost:8000/media/a.mp4"
NOBODY = "00000000-0000-0000-0000-00000000dead"
TODAY = "2026-03-02T12:00Z"


@pytest.fixture(autouse=True)
def noon():
    with clock.standing_at(moment(TODAY)):
        yield


class TestCheckIn:
    def test_it_works(self, challenge, member):
        response = check_in(member, challenge, caption=" Test checkin ", photo_url=PHOTO)
        row = CheckIn.objects.get()
        assert response.status_code == 201
        assert response.json() == {
            "checkin": {
                "id": str(row.id),
                "challenge_id": str(challenge.id),
                "habit_id": str(testing.HABITS[0]),
                "user_id": str(member.id),
                "checkin_date": "2026-03-02",
                "status": "completed",
                "photo_url": PHOTO,
                "video_url": None,
                "caption": "Test checkin",
                "is_on_time": True,
                "created_at": "2026-03-02T12:00:00Z",
                "updated_at": "2026-03-02T12:00:00Z",
            },
            "new_streak": 1,
            "points_earned": 10,
            "is_streak_broken": False,
            "message": "Checked in: 1-day streak, +10 points.",
        }

    def test_it_answers_what_a_later_read_answers(self, challenge, member):
        created = check_in(member, challenge, caption="x", photo_url=PHOTO, video_url=VIDEO).json()["checkin"]
        assert testing.Api(member).get(f"/checkins/{created['id']}").json() == created

    def test_it_moves_the_member_and_the_user(self, challenge, member, owner):
        check_in(member, challenge)
        row = Membership.objects.get(challenge=challenge, user=member)
        user = User.objects.get(pk=member.pk)
        assert member_state(challenge, member) == user_state(member) == (1, 1, 1, 10)
        assert (row.last_checkin_at, row.last_checkin_date) == (clock.now(), clock.now().date())
        assert user.last_checkin_date == user.day_floor == clock.now().date()
        assert member_state(challenge, owner) == user_state(owner) == (0, 0, 0, 0)

    def test_it_says_that_a_new_streak_begins(self, challenge, member):
        check_in(member, challenge)
        with clock.standing_at(clock.now() + 2 * DAY):
            answer = check_in(member, challenge).json()
        assert answer["is_streak_broken"] is True
        assert answer["message"] == "Checked in: a new streak begins, 1-day streak, +10 points."

    def test_it_moves_last_seen_at_most_once_a_minute(self, challenge, member):
        seen = clock.now()
        User.objects.filter(pk=member.pk).update(last_seen_at=seen)
        with clock.standing_at(seen + timedelta(seconds=59)):
            check_in(member, challenge, 1)
        assert User.objects.get(pk=member.pk).last_seen_at == seen
        with clock.standing_at(seen + timedelta(seconds=60)):
            check_in(member, challenge, 2)
        assert User.objects.get(pk=member.pk).last_seen_at == seen + timedelta(seconds=60)

    @override_settings(POINTS_PER_CHECKIN=7, POINTS_STREAK_MULTIPLIER=3)
    def test_it_gives_the_points_of_the_settings(self, challenge, member):
        assert check_in(member, challenge).json()["points_earned"] == 7
        with clock.standing_at(clock.now() + DAY):
            assert check_in(member, challenge).json()["points_earned"] == 21

    def test_it_multiplies_for_this_habit_in_this_challenge_only(self, challenge, member):
        other = testing.make_challenge(member)
        check_in(member, challenge, 1)
        with clock.standing_at(clock.now() + DAY):
            assert check_in(member, challenge, 2).json()["points_earned"] == 10
            assert check_in(member, other, 1).json()["points_earned"] == 10
            assert check_in(member, challenge, 1).json()["points_earned"] == 20

    def test_it_does_not_multiply_for_another_members_yesterday(self, challenge, member, owner):
        check_in(owner, challenge)
        with clock.standing_at(clock.now() + DAY):
            assert check_in(member, challenge).json()["points_earned"] == 10

    def test_it_does_not_multiply_for_a_rejected_yesterday(self, challenge, member):
        make_row(member, challenge, clock.now().date() - DAY, status="rejected")
        assert check_in(member, challenge).json()["points_earned"] == 10

    def test_it_ignores_what_the_server_decides__hc14(self, challenge, member, owner):
        extra = {
            "user_id": str(owner.id),
            "status": "verified",
            "points_earned": 900,
            "id": NOBODY,
            "is_on_time": False,
        }
        answer = check_in(member, challenge, **extra).json()
        row = CheckIn.objects.get()
        assert (row.user_id, row.status, row.points_earned, row.is_on_time) == (member.id, "completed", 10, True)
        assert (answer["points_earned"], str(row.id) != NOBODY) == (10, True)

    def test_it_stores_empty_texts_as_null(self, challenge, member):
        answer = check_in(member, challenge, caption="", photo_url="", video_url=None).json()["checkin"]
        assert (answer["caption"], answer["photo_url"], answer["video_url"]) == (None, None, None)

    def test_it_takes_a_whole_caption_with_lines(self, challenge, member):
        caption = "é" * 498 + "\n\t" + "🏃"
        assert check_in(member, challenge, caption=caption).status_code == 422
        assert check_in(member, challenge, caption=caption[1:]).json()["checkin"]["caption"] == caption[1:]

    def test_it_begins_and_ends_with_the_dates_of_the_challenge(self, member):
        day = clock.now().date()
        first = testing.make_challenge(member, start_date=day, end_date=day + DAY)
        last = testing.make_challenge(member, start_date=day - DAY, end_date=day)
        assert [check_in(member, each).status_code for each in (first, last)] == [201, 201]


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


class TestActivation:
    @pytest.fixture
    def pending(self, owner, member, outsider):
        challenge = testing.make_challenge(owner, member, status="pending")
        testing.add_member(challenge, outsider, status="left")
        return challenge

    def test_the_first_check_in_starts_a_pending_challenge(self, pending, member):
        assert check_in(member, pending).status_code == 201
        assert Challenge.objects.get(pk=pending.pk).status == "active"

    def test_it_tells_the_other_active_members(self, pending, member, owner):
        check_in(member, pending)
        told = Notification.objects.get()
        assert (told.user_id, told.type, told.dedupe_key) == (
            owner.id,
            "challenge_started",
            f"challenge_started:{pending.id}",
        )

    def test_a_refused_check_in_starts_nothing(self, pending, member):
        assert check_in(member, pending, 9).status_code == 400
        assert Challenge.objects.get(pk=pending.pk).status == "pending"


class TestMilestone:
    def streak(self, user, current):
        yesterday = clock.now().date() - DAY
        counters = {"current_streak": current, "longest_streak": current, "last_checkin_date": yesterday}
        User.objects.filter(pk=user.pk).update(**counters)

    @pytest.mark.parametrize("days", [7, 30, 100, 365])
    def test_it_is_told_to_the_user(self, days, challenge, member):
        self.streak(member, days - 1)
        check_in(member, challenge)
        told = Notification.objects.get()
        assert (told.user_id, told.type) == (member.id, "streak_milestone")
        assert (told.title, told.body) == (f"{days}-day streak!", f"You checked in {days} days in a row.")
        assert (told.data, told.action_url, told.dedupe_key) == ({"streak": days}, None, f"streak:{days}:2026-03-02")

    @pytest.mark.parametrize("before", [0, 5, 7, 28])
    def test_it_is_not_told_on_other_days(self, before, challenge, member):
        self.streak(member, before)
        check_in(member, challenge)
        assert Notification.objects.count() == 0

    def test_it_is_told_once_a_day(self, challenge, member):
        self.streak(member, 6)
        check_in(member, challenge, 1)
        check_in(member, challenge, 2)
        assert Notification.objects.count() == 1

    def test_it_is_told_once_for_a_check_in_that_is_repeated(self, challenge, member):
        for back in range(6, 0, -1):
            with clock.standing_at(clock.now() - back * DAY):
                check_in(member, testing.make_challenge(member))
        for _ in range(2):
            answer = check_in(member, challenge).json()
            testing.Api(member).delete(f"/checkins/{answer['checkin']['id']}")
        assert Notification.objects.filter(type="streak_milestone").count() == 1

    @override_settings(STREAK_MILESTONES=(1,))
    def test_the_milestones_are_those_of_the_settings(self, challenge, member):
        check_in(member, challenge, 1)
        check_in(member, challenge, 2)
        with clock.standing_at(clock.now() + 2 * DAY):
            check_in(member, challenge)
        assert Notification.objects.count() == 2


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


class TestCost:
    """The principal is one statement of each, unless the cache knows it: then the check-in reads it anew."""

    def cost(self, user, challenge, assert_num, number, habit=1, status=201, warm=False):
        api = testing.Api(user)
        testing.forget()
        if warm:
            api.get("/users/me")
        with assert_num(number):
            response = api.post("/checkins", {"challenge_id": challenge.id, "habit_id": testing.HABITS[habit - 1]})
        assert response.status_code == status

    def test_it_is_three_statements_warm(self, challenge, member, owner, django_assert_num_queries):
        check_in(owner, challenge)
        self.cost(member, challenge, django_assert_num_queries, 3, warm=True)

    def test_the_look_at_the_profile_that_follows_is_none(self, challenge, member, django_assert_num_queries):
        api = testing.Api(member)
        self.cost(member, challenge, django_assert_num_queries, 6, warm=True)
        with django_assert_num_queries(0):
            assert api.get("/users/me").json()["stats"]["points"] == 10

    def test_a_repetition_is_two_statements_warm(self, challenge, member, django_assert_num_queries):
        check_in(member, challenge)
        self.cost(member, challenge, django_assert_num_queries, 2, status=400, warm=True)

    def test_it_is_three_statements(self, challenge, member, owner, django_assert_num_queries):
        check_in(owner, challenge)
        self.cost(member, challenge, django_assert_num_queries, 3)

    @pytest.mark.parametrize("others", [2, 20])
    def test_the_first_of_the_date_in_its_challenge_is_three_more(
        self, others, owner, member, django_assert_num_queries
    ):
        """The lock again with the row to itself, the new streak, in whose lists it is."""
        crowd = [testing.make_user() for _ in range(others)]
        for warm, queries in ((False, 6), (True, 6)):
            challenge = testing.make_challenge(owner, member, *crowd, max_members=50)
            self.cost(member, challenge, django_assert_num_queries, queries, warm=warm)

    def test_a_milestone_is_one_more(self, challenge, member, owner, django_assert_num_queries):
        check_in(owner, challenge)
        TestMilestone().streak(member, 6)
        self.cost(member, challenge, django_assert_num_queries, 4)

    def test_an_activation_is_three_more_than_that(self, owner, member, django_assert_num_queries):
        for warm, queries in ((False, 9), (True, 9)):
            challenge = testing.make_challenge(owner, member, status="pending")
            self.cost(member, challenge, django_assert_num_queries, queries, warm=warm)

    def test_a_repetition_is_three_statements(self, challenge, member, django_assert_num_queries):
        check_in(member, challenge)
        self.cost(member, challenge, django_assert_num_queries, 3, status=400)

    @pytest.mark.parametrize("others", [2, 20])
    def test_it_does_not_depend_on_how_much_there_is(self, others, owner, member, django_assert_num_queries):
        crowd = [testing.make_user() for _ in range(others)]
        challenge = testing.make_challenge(owner, member, *crowd, max_members=50)
        for back, user in enumerate(crowd, 1):
            check_in(user, challenge)
            make_row(member, challenge, clock.now().date() - back * DAY)
        self.cost(member, challenge, django_assert_num_queries, 3)
