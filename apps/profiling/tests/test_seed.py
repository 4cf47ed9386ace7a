from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from apps.accounts.models import User
from apps.challenges.models import Challenge, Habit, Membership
from apps.checkins.models import CheckIn
from apps.notifications.models import Notification
from apps.profiling.audit import differences
from apps.profiling.tests.small_seeds import MIDNIGHT, MODELS, SIZES, empty, fill
from apps.social.models import Friendship, Hitch

TODAY = MIDNIGHT.date()
FRIENDS = [(Friendship, column) for column in ("created_at", "accepted_at", "updated_at")]


def rows() -> dict[str, list[tuple]]:
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in MODELS}


def count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {query}")  # noqa: S608
        return cursor.fetchone()[0]


@pytest.fixture(scope="class", params=SIZES)
def filled(request, django_db_setup, django_db_blocker):
    """One database for all tests of a class, which only read. Filled at midnight: the future begins at once."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill(request.param)
        yield request.param
        transaction.set_rollback(True)


class TestEverySize:
    def test_it_works(self, filled):
        assert all(model.objects.exists() for model in MODELS if (model, filled) != (Habit, "load"))

    def test_its_counters_are_what_its_rows_say(self, filled):
        assert differences() == []

    def test_each_check_in_lies_on_the_local_day_of_its_user(self, filled):
        made = CheckIn.objects.values_list("created_at", "checkin_date", "user__timezone")
        assert not [row for row in made if row[0].astimezone(ZoneInfo(row[2])).date() != row[1]]

    def test_nothing_lies_in_the_future(self, filled):
        for model, column in (
            (CheckIn, "created_at"),
            (Hitch, "created_at"),
            (Notification, "read_at"),
            (Membership, "joined_at"),
            *FRIENDS,
        ):
            assert not model.objects.filter(**{f"{column}__gt": MIDNIGHT}).exists()
        assert not User.objects.filter(last_seen_at__gt=MIDNIGHT).exists()
        assert not Challenge.objects.filter(updated_at__gt=MIDNIGHT).exists()

    def test_check_ins_lie_within_challenge_and_membership(self, filled):
        query = """check_ins k JOIN challenges c ON c.id = k.challenge_id
            LEFT JOIN challenge_members m ON m.challenge_id = c.id AND m.user_id = k.user_id
            LEFT JOIN challenge_habits h ON h.challenge_id = c.id AND h.habit_id = k.habit_id
            WHERE m.id IS NULL OR h.id IS NULL OR k.checkin_date NOT BETWEEN c.start_date AND c.end_date
            OR k.created_at < m.joined_at OR k.created_at > m.left_at"""
        assert count(query) == 0

    def test_people_come_before_what_they_do(self, filled):
        query = """challenge_members m JOIN challenges c ON c.id = m.challenge_id JOIN users u ON u.id = m.user_id
            WHERE m.joined_at < u.created_at OR m.joined_at < c.created_at OR m.left_at <= m.joined_at
            OR (m.role = 'creator') <> (c.created_by_id = u.id)"""
        assert count(query) == 0

    def test_friends_have_met_after_both_signed_up(self, filled):
        query = """friendships f JOIN users u ON u.id IN (f.requester_id, f.addressee_id)
            WHERE f.created_at < u.created_at OR f.accepted_at < f.created_at
            OR (f.accepted_at IS NOT NULL) <> (f.status = 'accepted')"""
        assert count(query) == 0

    def test_every_request_and_every_yes_was_told(self, filled):
        """As far as it has not expired."""
        for type, column in (("friend_request", "created_at"), ("friend_accepted", "accepted_at")):
            recent = Friendship.objects.filter(**{f"{column}__gt": MIDNIGHT - timedelta(days=29)})
            assert Notification.objects.filter(type=type).count() == recent.count() > 0

    def test_habits_of_ones_own_come_before_their_challenges(self, filled):
        query = """challenge_habits l JOIN habits h ON h.id = l.habit_id JOIN challenges c ON c.id = l.challenge_id
            WHERE NOT h.is_system AND (h.created_by_id <> c.created_by_id OR h.created_at > c.created_at)"""
        assert count(query) == 0

    def test_the_status_fits_the_dates_wherever_one_lives(self, filled):
        day = timedelta(days=1)
        for status, start, end in Challenge.objects.values_list("status", "start_date", "end_date"):
            assert status != "pending" or start > TODAY + day
            assert status != "active" or start < TODAY - day and end > TODAY + day
            assert status not in ("completed", "failed") or end < TODAY - day

    def test_success_is_what_the_rate_says(self, filled):
        for status, rate in Challenge.objects.values_list("status", "completion_rate"):
            assert (status == "completed") <= (rate is not None and rate >= 80)
            assert (status == "failed") <= (rate is not None and rate <= 80)
        completed = Membership.objects.filter(challenge__status="completed", status="active")
        assert set(completed.values_list("is_completed", flat=True)) <= {True}

    def test_the_rate_is_the_average_of_its_members(self, filled):
        query = """challenges c WHERE completion_rate <> (
                SELECT round(avg(100.0 * m.total_checkins / (c.duration_days + 1) / (
                    SELECT count(*) FROM challenge_habits h WHERE h.challenge_id = c.id)), 2)
                FROM challenge_members m WHERE m.challenge_id = c.id AND m.status = 'active')"""
        assert count(query) == 0

    def test_a_double_needs_the_day_before(self, filled):
        columns = ("challenge_id", "habit_id", "user_id", "checkin_date", "points_earned")
        points = {row[:4]: row[4] for row in CheckIn.objects.values_list(*columns)}
        for (*pair, day), amount in points.items():
            assert amount == (20 if (*pair, day - timedelta(days=1)) in points else 10)

    def test_evidence_is_there_where_it_is_required(self, filled):
        assert not CheckIn.objects.filter(challenge__require_evidence=True, caption=None).exists()

    def test_only_who_had_not_checked_in_was_reminded(self, filled):
        query = """hitch_log h JOIN challenges c ON c.id = h.challenge_id
            LEFT JOIN challenge_habits l ON l.challenge_id = c.id AND l.habit_id = h.habit_id
            LEFT JOIN challenge_members s ON s.challenge_id = c.id AND s.user_id = h.sender_id
            LEFT JOIN challenge_members t ON t.challenge_id = c.id AND t.user_id = h.target_id
            JOIN users u ON u.id = h.sender_id JOIN users v ON v.id = h.target_id
            WHERE s.id IS NULL OR t.id IS NULL OR l.id IS NULL OR h.hitch_date NOT BETWEEN c.start_date AND c.end_date
            OR h.hitch_date <> (h.created_at AT TIME ZONE u.timezone)::date OR h.created_at < t.joined_at
            OR h.created_at < s.joined_at OR h.created_at > LEAST(s.left_at, t.left_at) OR EXISTS (
                SELECT FROM check_ins k WHERE k.challenge_id = c.id AND k.habit_id = h.habit_id
                AND k.user_id = h.target_id AND k.checkin_date = (h.created_at AT TIME ZONE v.timezone)::date)"""
        assert count(query) == 0

    def test_what_was_spent_is_gone(self, filled):
        query = """challenge_members m WHERE hitch_count <> 2 - (
                SELECT count(DISTINCT h.created_at) FROM hitch_log h
                WHERE h.challenge_id = m.challenge_id AND h.sender_id = m.user_id)"""
        assert count(query) == 0

    def test_ids_tell_when(self, filled):
        for key, created in CheckIn.objects.values_list("id", "created_at")[:100]:
            assert (key.version, key.int >> 80) == (7, int(created.timestamp() * 1000))

    def test_one_password_opens_every_account(self, filled):
        assert User.objects.values("password").distinct().count() == 1
        assert User.objects.only("password").first().check_password("demo-password" if filled == "demo" else "password")


@pytest.mark.django_db
class TestSameSeed:
    @pytest.mark.parametrize("size", SIZES)
    def test_it_makes_the_same_rows_all_day_long(self, size):
        fill(size)
        first = rows()
        empty()
        fill(size, at=MIDNIGHT + timedelta(hours=23, minutes=59))
        assert rows() == first

    def test_another_number_makes_other_lives(self):
        fill("demo")
        first = rows()
        empty()
        fill("demo", number=2)
        assert rows()["CheckIn"] != first["CheckIn"]
