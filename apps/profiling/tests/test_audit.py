import random
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.checkins import streaks
from apps.checkins.models import CheckIn
from apps.profiling.audit import Difference, differences

pytestmark = pytest.mark.django_db
DAYS = {number: date(2026, 3, 1) + timedelta(days=number) for number in range(1, 8)}
H1, H2 = testing.HABITS[:2]


def check_in(challenge: Challenge, user: User, habit_id, day: date, points: int = 10, **columns) -> CheckIn:
    return CheckIn.objects.create(
        challenge=challenge, user=user, habit_id=habit_id, checkin_date=day, points_earned=points, **columns
    )


@pytest.fixture
def world(owner):
    """The worked example of contract 3.3, after its last row."""
    x, y = testing.make_challenge(owner), testing.make_challenge(owner)
    rows = ((x, H1, 1, 10), (x, H2, 1, 10), (x, H1, 2, 20), (y, H1, 2, 10), (x, H2, 3, 10), (x, H1, 6, 20))
    for challenge, habit, day, points in (*rows, (x, H1, 7, 20)):
        check_in(challenge, owner, habit, DAYS[day], points)
    counters = {"current_streak": 2, "longest_streak": 3, "last_checkin_date": DAYS[7]}
    Membership.objects.filter(challenge=x).update(total_checkins=6, points_earned=100, kept_points=10, **counters)
    Membership.objects.filter(challenge=y).update(
        total_checkins=1, points_earned=10, current_streak=1, longest_streak=1, last_checkin_date=DAYS[2]
    )
    User.objects.filter(pk=owner.pk).update(total_check_ins=7, points=110, day_floor=DAYS[7], **counters)
    Challenge.objects.filter(pk=x.pk).update(current_streak=2, last_checkin_date=DAYS[7])
    Challenge.objects.filter(pk=y.pk).update(current_streak=1, last_checkin_date=DAYS[2])
    return x


def change(model, key, **columns) -> None:
    assert model.objects.filter(pk=key).update(**columns) == 1


def found() -> list[str]:
    return [difference.value for difference in differences()]


class TestAudit:
    def test_it_works(self, world):
        assert differences() == []

    def test_it_finds_nothing_in_an_empty_database(self):
        assert differences() == []

    @pytest.mark.parametrize(
        ("column", "wrong"),
        [
            ("current_streak", 3),
            ("longest_streak", 2),
            ("last_checkin_date", DAYS[6]),
            ("last_checkin_date", None),
            ("total_checkins", 7),
            ("points_earned", 110),
        ],
    )
    def test_it_finds_a_wrong_value_of_a_member(self, world, column, wrong):
        member = Membership.objects.get(challenge=world)
        right = getattr(member, column)
        change(Membership, member.pk, **{column: wrong})
        assert differences() == [Difference(f"challenge_members.{column}", str(member.id), wrong, right)]

    @pytest.mark.parametrize(
        ("column", "wrong"),
        [
            ("current_streak", 0),
            ("longest_streak", 7),
            ("last_checkin_date", DAYS[3]),
            ("total_check_ins", 0),
            ("points", 120),
            ("total_challenges_completed", 1),
            ("day_floor", DAYS[6]),
            ("day_floor", None),
        ],
    )
    def test_it_finds_a_wrong_value_of_a_user(self, world, owner, column, wrong):
        right = getattr(User.objects.get(pk=owner.pk), column)
        change(User, owner.pk, **{column: wrong})
        assert differences() == [Difference(f"users.{column}", str(owner.id), wrong, right)]

    @pytest.mark.parametrize(
        ("column", "wrong"), [("current_streak", 1), ("last_checkin_date", None), ("member_count", 2)]
    )
    def test_it_finds_a_wrong_value_of_a_challenge(self, world, column, wrong):
        right = getattr(Challenge.objects.get(pk=world.pk), column)
        change(Challenge, world.pk, **{column: wrong})
        assert differences() == [Difference(f"challenges.{column}", str(world.id), wrong, right)]

    def test_it_finds_wrong_kept_points(self, world):
        change(Membership, Membership.objects.get(challenge=world).pk, kept_points=0)
        assert found() == ["challenge_members.points_earned", "users.points"]

    def test_it_finds_a_completion_that_nobody_counted(self, world):
        change(Membership, Membership.objects.get(challenge=world).pk, is_completed=True)
        assert found() == ["users.total_challenges_completed"]

    def test_it_finds_a_check_in_that_nobody_counted(self, world, owner):
        check_in(world, owner, H2, DAYS[7])
        assert found() == [
            *("challenge_members.total_checkins", "challenge_members.points_earned"),
            *("users.total_check_ins", "users.points"),
        ]

    def test_it_finds_check_ins_without_a_membership(self, world, outsider):
        check_in(world, outsider, H1, DAYS[7])
        lost = [difference for difference in differences() if difference.value == "challenge_members.total_checkins"]
        assert lost == [Difference(lost[0].value, f"no membership for {world.id} {outsider.id}", None, 1)]

    def test_a_day_floor_may_be_later_than_the_last_check_in(self, world, owner):
        change(User, owner.pk, day_floor=DAYS[7] + timedelta(days=1))
        assert differences() == []

    def test_rejected_check_ins_are_rows_but_no_days(self, world, owner):
        CheckIn.objects.filter(checkin_date=DAYS[7]).update(status="rejected")
        assert set(found()) == {
            *("challenge_members.current_streak", "challenge_members.last_checkin_date"),
            *("challenges.current_streak", "challenges.last_checkin_date"),
            *("users.current_streak", "users.last_checkin_date"),
        }

    def test_only_active_members_count(self, world, member):
        testing.add_member(world, member, status="left")
        assert differences() == []
        change(Membership, Membership.objects.get(user=member).pk, status="active")
        assert found() == ["challenges.member_count"]

    def test_its_streaks_are_those_of_the_services(self, owner):
        """Two definitions, one in SQL and one in Python, agree on whatever days."""
        dice, first = random.Random(7), DAYS[1]
        challenge = testing.make_challenge(owner, max_members=50)
        for number in range(40):
            days = sorted(dice.sample(range(40), dice.randrange(1, 30)))
            dates = [first + timedelta(days=day) for day in days]
            streak = streaks.rebuild(dates)
            stored = {"current_streak": streak.current, "longest_streak": streak.longest}
            user = testing.make_user(f"u{number}", last_checkin_date=streak.last, day_floor=streak.last, **stored)
            testing.add_member(challenge, user, last_checkin_date=streak.last, **stored)
            CheckIn.objects.bulk_create(
                CheckIn(challenge=challenge, user=user, habit_id=H1, checkin_date=day, points_earned=10)
                for day in dates
            )
        assert not [value for value in found() if "streak" in value and not value.startswith("challenges")]

    def test_its_cost_does_not_depend_on_the_rows(self, world, django_assert_num_queries):
        with django_assert_num_queries(6):  # a savepoint and its release, the settings, three tables
            differences()


class TestAuditCommand:
    def test_it_works(self, world, capsys):
        call_command("audit")
        assert capsys.readouterr().out.startswith("audit: no difference")

    def test_it_fails_and_shows_what_differs(self, world, owner, capsys):
        change(User, owner.pk, points=999)
        with pytest.raises(CommandError, match="1 differences"):
            call_command("audit")
        out = capsys.readouterr().out
        assert all(word in out for word in ("users.points", str(owner.id), "999", "110"))

    def test_it_shows_twenty_of_a_kind_and_their_number(self, capsys):
        for number in range(23):
            testing.make_user(f"u{number}", points=1)
        with pytest.raises(CommandError, match="23 differences"):
            call_command("audit")
        out = capsys.readouterr().out
        assert "users.points: 23 in all" in out
        assert out.count("│ users.points ") == 20
