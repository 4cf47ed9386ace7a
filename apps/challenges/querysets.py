from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Count, F, FilteredRelation, Func, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, JSONObject

from apps.core.search import name_matches

HABIT_FIELDS = ("id", "name", "icon", "description", "category", "is_system")
CHALLENGE_FIELDS = (
    "id", "name", "description", "type", "status", "start_date", "end_date", "duration_days", "checkin_type",
    "require_evidence", "is_public", "max_members", "member_count", "current_streak", "created_at",
)  # fmt: skip
SHARED_COLUMNS = (*CHALLENGE_FIELDS, "last_checkin_date", "created_by_id")
CHALLENGE_COLUMNS = (*SHARED_COLUMNS, "my_role", "my_status")
STATS_FIELDS = ("current_streak", "longest_streak", "total_checkins", "points_earned", "hitch_count")
MEMBER_COLUMNS = ("id", "user_id", "role", "status", "joined_at", "left_at", "last_checkin_at", "last_checkin_date")
MEMBER_COLUMNS += STATS_FIELDS
LINK_COLUMNS = ("habit_id", "display_order", "custom_name", "custom_icon", "custom_description")
SHOWN_OF_HABIT = ("name", "icon", "description", "category")
# What decides whether and how a challenge may be changed, in the order of the model's fields.
CHANGED_COLUMNS = (
    "id", "name", "status", "start_date", "end_date", "max_members", "member_count", "is_public", "created_by_id",
)  # fmt: skip
DISCOVERED = PRESENT = ("pending", "active")


class HabitQuerySet(models.QuerySet):
    def for_list(self, user_id: UUID, category: str | None) -> "HabitQuerySet":
        """System habits by id, then the user's own by creation, as rows of the answer."""
        habits = self.usable_by(user_id)
        if category:
            habits = habits.filter(category__iexact=category)
        created = Case(When(is_system=False, then=F("created_at")))
        return habits.order_by("-is_system", created, "id").values(*HABIT_FIELDS)

    def for_owner(self, user_id: UUID) -> "HabitQuerySet":
        """The user's own by creation, as rows of the answer."""
        return self.filter(created_by=user_id, is_system=False).order_by("created_at", "id").values(*HABIT_FIELDS)

    def usable_by(self, user_id: UUID) -> "HabitQuerySet":
        """System habits and the user's own."""
        return self.filter(Q(is_system=True) | Q(created_by=user_id, is_system=False))


class ChallengeQuerySet(models.QuerySet):
    def for_list(self, user_id: UUID, status: str | None) -> "ChallengeQuerySet":
        """The user's challenges, newest first: those of one status, or all but the archived."""
        mine = self.with_membership_of(user_id).filter(my_status__isnull=False)
        mine = mine.filter(status=status) if status else mine.exclude(status="archived")
        return mine.order_by("-created_at", "-id").values(*CHALLENGE_COLUMNS, "invite_code")

    def for_discover(self, viewer_id: UUID, status: str | None, search: str | None) -> "ChallengeQuerySet":
        """Public challenges, newest first: those of one status, or what is pending or active."""
        found = self.filter(is_public=True, status__in=[status] if status else DISCOVERED)
        found = found.with_role_of(viewer_id)
        found = found.named(search) if search else found.order_by("-created_at", "-id")
        return found.values(*CHALLENGE_COLUMNS)

    def for_discover_page(self, *statuses: Any) -> "ChallengeQuerySet":
        """What everybody sees of public challenges of these statuses, newest first, each with the `total` of them."""
        found = self.filter(is_public=True, status__in=statuses)
        total = found.values(count=Func(template="COUNT(*)", output_field=models.IntegerField()))
        return found.order_by("-created_at", "-id").values(*SHARED_COLUMNS, total=Subquery(total))

    def for_detail(self, challenge_id: UUID, viewer_id: UUID) -> "ChallengeQuerySet":
        """With the viewer's own statistics in `mine__...`, null for a stranger."""
        stats = (f"mine__{name}" for name in (*STATS_FIELDS, "last_checkin_date"))
        one = self.filter(pk=challenge_id).with_membership_of(viewer_id)
        return one.values(*CHALLENGE_COLUMNS, "invite_code", *stats)

    def for_access(self, challenge_id: UUID, viewer_id: UUID) -> "ChallengeQuerySet":
        """What the viewer is in a challenge: nulls for a stranger, no row for an unknown one."""
        return self.filter(pk=challenge_id).with_membership_of(viewer_id).values("my_role", "my_status")

    def for_change(self) -> "ChallengeQuerySet":
        """Locked until the transaction ends."""
        return self.select_for_update(no_key=True).values_list(*CHANGED_COLUMNS)

    def for_standing(self, challenge_id: UUID, user_id: UUID) -> "ChallengeQuerySet":
        """The columns of a Standing behind the user, in its order."""
        mine = FilteredRelation("memberships", condition=Q(memberships__user=user_id))
        name = apps.get_model("accounts", "User").objects.filter(pk=user_id).values("display_name")
        present = apps.get_model("challenges", "Membership").objects.present().filter(challenge=challenge_id)
        columns = ("mine__id", "mine__role", "mine__status", Subquery(name), ArraySubquery(present.values("user_id")))
        return self.filter(pk=challenge_id).annotate(mine=mine).values_list(*columns)

    def named(self, search: str) -> "ChallengeQuerySet":
        """Newest first, in an order that no index has: the planner takes a short search text for a common one and would
        walk all challenges by date, testing each name, instead of asking the index for the few that match."""
        return self.filter(name_matches("name", search)).order_by((F("created_at") + timedelta(0)).desc(), "-id")

    def with_role_of(self, user_id: UUID) -> "ChallengeQuerySet":
        """The same two by key, for the few rows of a page: a join would compare each with all memberships of a person
        who has many."""
        memberships = apps.get_model("challenges", "Membership").objects
        mine = memberships.filter(challenge=OuterRef("pk"), user=user_id, status__in=("active", "pending"))
        return self.annotate(my_role=Subquery(mine.values("role")), my_status=Subquery(mine.values("status")))

    def with_membership_of(self, user_id: UUID) -> "ChallengeQuerySet":
        """Adds `my_role` and `my_status` by one outer join: null for a stranger, who may have been a member."""
        present = Q(memberships__user=user_id, memberships__status__in=("active", "pending"))
        mine = FilteredRelation("memberships", condition=present)
        return self.annotate(mine=mine, my_role=F("mine__role"), my_status=F("mine__status"))


class ChallengeHabitQuerySet(models.QuerySet):
    def for_detail(self, challenge_id: UUID) -> models.QuerySet:
        """The habits of a challenge, each with `counts` of all of them: check-ins by anybody and by active members.

        One pass counts them, in the order of days. Habit by habit the index gives the order of people, whose rows lie
        all over the table: 37,000 pages instead of 3,000 for a full challenge of a year.
        """
        links = self.filter(challenge=challenge_id).order_by("display_order")
        habit = _habit().values(shown=JSONObject(**{name: name for name in SHOWN_OF_HABIT}))
        return links.values(*LINK_COLUMNS, shown=Subquery(habit), counts=ArraySubquery(_check_in_counts(challenge_id)))

    def for_board(self, challenge_id: UUID) -> models.QuerySet:
        """The habits of a challenge by the names and icons that its members see."""
        shown = {name: Coalesce(f"custom_{name}", Subquery(_habit().values(name))) for name in ("name", "icon")}
        return self.filter(challenge=challenge_id).order_by("display_order").values("habit_id", **shown)

    def count_of(self, challenge_id: UUID) -> Subquery:
        """The number of habits of a challenge, as a column of another query."""
        return Subquery(self.filter(challenge=challenge_id).values(count=Func(F("pk"), function="COUNT")))


class MembershipQuerySet(models.QuerySet):
    def active(self) -> "MembershipQuerySet":
        return self.filter(status="active")

    def present(self) -> "MembershipQuerySet":
        """Those that have the challenge in their lists."""
        return self.filter(status__in=PRESENT)

    def for_roles(self, user_id: UUID) -> models.QuerySet:
        """Where a person is present, and as what."""
        return self.present().filter(user=user_id).values_list("challenge_id", "role", "status")

    def of(self, challenge_id: UUID, user_id: UUID) -> "MembershipQuerySet":
        return self.filter(challenge=challenge_id, user=user_id)

    def for_list(self, challenge_id: UUID, status: str | None) -> models.QuerySet:
        """Members by the time they joined: those of one status, or all but the kicked."""
        members = self.filter(challenge=challenge_id)
        members = members.filter(status=status) if status else members.exclude(status="kicked")
        return members.order_by("joined_at", "id").as_rows()

    def for_board(self, challenge_id: UUID) -> models.QuerySet:
        """Active members, as the boards of a day show them."""
        person = {"name": F("user__display_name"), "avatar_url": F("user__avatar_url")}
        members = self.active().filter(challenge=challenge_id).order_by("joined_at", "id")
        return members.values("user_id", **person)

    def as_rows(self) -> models.QuerySet:
        """A member with the person, whose zone and day decide the shown streak."""
        person = {name: F(f"user__{name}") for name in ("display_name", "avatar_url", "timezone", "day_floor")}
        return self.values(*MEMBER_COLUMNS, **person)


def _habit() -> models.QuerySet:
    """The outer link's habit, looked up by its key. Joined, the planner takes four habits with small keys for the usual
    case and walks the whole table for one with a large key."""
    return apps.get_model("challenges", "Habit").objects.filter(pk=OuterRef("habit_id"))


def _check_in_counts(challenge_id: UUID) -> models.QuerySet:
    """`{"habit_id", "total", "by_members"}` of the counted check-ins of every habit that has any."""
    members = apps.get_model("challenges", "Membership").objects.active().filter(challenge=challenge_id)
    by_members = Count("pk", filter=Q(user__in=members.values("user_id")))
    check_ins = apps.get_model("checkins", "CheckIn").objects.counted()
    counts: dict[str, Any] = {"habit_id": "habit_id", "total": Count("*"), "by_members": by_members}
    by_habit = check_ins.filter(challenge=challenge_id).order_by().values("habit_id")
    return by_habit.annotate(counts=JSONObject(**counts)).values("counts")
