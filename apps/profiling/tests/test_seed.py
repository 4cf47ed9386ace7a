from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count

from apps.accounts.models import User
from apps.challenges.models import Challenge, ChallengeHabit, Habit, Membership
from apps.checkins.models import CheckIn
from apps.core import clock
from apps.notifications.models import Notification
from apps.profiling.audit import differences
from apps.profiling.seeding import sizes
from apps.profiling.seeding.fill import NotEmpty
from apps.profiling.seeding.fill import fill as fill_database
from apps.social.models import Friendship, Hitch

MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)
TODAY = MIDNIGHT.date()
MODELS = (User, Habit, Challenge, ChallengeHabit, Membership, CheckIn, Friendship, Hitch, Notification)
FRIENDS = [(Friendship, column) for column in ("created_at", "accepted_at", "updated_at")]
LOAD = {"people": 30, "rounds": 3, "group": 7}
SIZES = {
    "demo": {},
    "load": LOAD,
    "large": {"people": 80, "challenges": 60, "load": {"people": 12, "rounds": 2, "group": 5}},
}


def fill(size: str, number: int = 1, at: datetime = MIDNIGHT) -> None:
    with clock.standing_at(at):
        fill_database(size, number, lambda table: lambda done: None, **SIZES[size])


def rows() -> dict[str, list[tuple]]:
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in MODELS}


def empty() -> None:
    with connection.cursor() as cursor:
        for model in reversed(MODELS):
            cursor.execute(f"DELETE FROM {model._meta.db_table} {'WHERE NOT is_system' if model is Habit else ''}")  # noqa: S608


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


@pytest.mark.django_db
class TestDemo:
    def test_it_works(self):
        """Something of everything that part 4 of the contract knows."""
        fill("demo")
        assert set(Challenge.objects.values_list("status", flat=True)) == {
            *("pending", "active", "completed", "failed", "archived")
        }
        assert set(Membership.objects.values_list("role", flat=True)) == {"creator", "admin", "member"}
        assert set(Membership.objects.values_list("status", flat=True)) == {"active", "left", "kicked"}
        assert set(Notification.objects.values_list("is_read", flat=True)) == {True, False}
        assert Notification.objects.filter(type="streak_milestone").exists()
        assert set(Friendship.objects.values_list("status", flat=True)) == {
            *("accepted", "pending", "rejected", "blocked")
        }
        assert Habit.objects.filter(is_system=False).count() == 3
        assert 12 <= User.objects.count() <= 15

    def test_people_live_in_many_zones(self):
        fill("demo")
        zones = set(User.objects.values_list("timezone", flat=True))
        assert {"UTC", "Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Kiritimati"} < zones

    def test_one_of_them_keeps_the_staff_site(self):
        fill("demo")
        staff = User.objects.get(is_staff=True)
        assert (staff.email, staff.is_superuser) == ("admin@example.com", True)

    def test_a_full_challenge_is_full(self):
        fill("demo")
        full = Challenge.objects.get(name="Six at the table")
        assert full.member_count == full.max_members == 6

    @pytest.mark.parametrize("number", (2, 3, 4))
    def test_its_ends_do_not_depend_on_the_dice(self, number):
        fill("demo", number)
        ends = dict(Challenge.objects.values_list("name", "status"))
        assert (ends["Thirty days of calm"], ends["A month without feeds"]) == ("completed", "failed")
        assert differences() == []


@pytest.mark.django_db
class TestLoad:
    def test_it_works(self):
        fill("load")
        emails = set(User.objects.values_list("email", flat=True))
        assert {"test@example.com", "admin@example.com"} | {f"load{n:05d}@example.com" for n in range(1, 31)} == emails

    def test_everybody_has_open_pairs_at_any_hour_of_the_day(self):
        """Four habits in each of the running challenges, none of them done on the user's today."""
        fill("load")
        for hour in (0, 12, 23):
            with clock.standing_at(MIDNIGHT + timedelta(hours=hour)):
                for user in User.objects.exclude(is_staff=True):
                    running = Challenge.objects.filter(
                        memberships__user=user,
                        memberships__status="active",
                        status="active",
                        start_date__lte=user.today(),
                        end_date__gte=user.today(),
                    )
                    pairs = ChallengeHabit.objects.filter(challenge__in=running).count()
                    assert pairs == 4 * LOAD["rounds"]
                    assert not user.check_ins.filter(checkin_date=user.today()).exists()

    def test_they_share_their_challenges(self):
        fill("load")
        shared = Challenge.objects.filter(name__startswith="Round")
        assert sorted(shared.values_list("member_count", flat=True)) == sorted([7, 7, 7, 7, 3] * 3)


@pytest.mark.django_db
class TestLarge:
    def test_it_works(self):
        fill("large")
        assert (User.objects.count(), Challenge.objects.count()) == (80, 60)
        assert User.objects.filter(email__in=["test@example.com", "load00012@example.com"]).count() == 2

    def test_one_challenge_is_full(self):
        fill("large")
        full = Challenge.objects.get(name="The full house")
        assert full.member_count == full.max_members

    def test_one_person_is_in_more_challenges_than_anybody_else(self):
        fill("large")
        counts = User.objects.values_list("email").annotate(n=Count("memberships")).order_by("-n")
        assert counts[0][0] == "busy@example.com"


@pytest.mark.django_db
class TestSeedCommand:
    def test_it_works(self, capsys):
        call_command("seed", size="demo")
        assert User.objects.count() == 13
        assert capsys.readouterr().out.startswith("Seeded demo in ")

    def test_it_refuses_a_database_with_users(self, owner):
        with pytest.raises(CommandError, match="users already"):
            call_command("seed", size="demo")
        assert User.objects.count() == 1

    def test_with_if_empty_it_does_and_says_nothing_then(self, owner, capfd):
        call_command("seed", size="demo", if_empty=True)
        assert User.objects.count() == 1
        assert capfd.readouterr() == ("", "")

    def test_with_if_empty_it_fills_an_empty_database(self):
        call_command("seed", size="demo", if_empty=True)
        assert User.objects.count() == 13

    def test_none_is_a_size_too(self, capfd):
        call_command("seed", size="none")
        assert not User.objects.exists()
        assert capfd.readouterr() == ("", "")

    def test_it_stays_out_of_production(self, settings):
        settings.PRODUCTION = True
        with pytest.raises(CommandError, match="not in production"):
            call_command("seed", size="demo")
        assert not User.objects.exists()

    def test_of_two_at_once_the_second_waits_and_does_nothing(self):
        """fill() looks again under its lock, after the look of the command."""
        fill("demo")
        with pytest.raises(NotEmpty):
            fill("demo", number=2)
        assert User.objects.count() == 13

    def test_a_failure_leaves_nothing_behind(self, settings):
        """Notifications go in last; here they would expire after the year 9999."""
        settings.NOTIFICATION_EXPIRY_HOURS = 10**9
        with pytest.raises(ValueError, match="year"):
            call_command("seed", size="demo")
        assert not User.objects.exists()

    @pytest.mark.parametrize("size", [*SIZES, "none"])
    def test_logins_makes_a_curl_line_without_a_database(self, size, capsys, monkeypatch, django_assert_num_queries):
        monkeypatch.setenv("DAREZONE_BASE_URL", "http://127.0.0.1:8123")
        with django_assert_num_queries(0):
            call_command("seed", size=size, logins=True)
        assert "curl -s http://127.0.0.1:8123/api/v1/auth/" in capsys.readouterr().out

    def test_logins_name_accounts_that_exist(self):
        for size in SIZES:
            fill(size)
            for _, email in sizes.SIZES[size].logins:
                assert User.objects.filter(email=email).exists()
            empty()
