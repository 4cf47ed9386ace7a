from uuid import UUID

from django.db import models
from django.db.models import F, FilteredRelation, Q

HABIT_FIELDS = ("id", "name", "icon", "description", "category", "is_system")


class HabitQuerySet(models.QuerySet):
    def for_list(self, user_id: UUID, category: str | None) -> "HabitQuerySet":
        """System habits by id, then the user's own by creation, as rows of the answer."""
        habits = self.filter(Q(is_system=True) | Q(created_by=user_id, is_system=False))
        if category:
            habits = habits.filter(category__iexact=category)
        return habits.order_by("-is_system", "created_at", "id").values(*HABIT_FIELDS)


class ChallengeQuerySet(models.QuerySet):
    def with_membership_of(self, user_id: UUID) -> "ChallengeQuerySet":
        """Adds `my_role` and `my_status`, null for a stranger, by one outer join."""
        mine = FilteredRelation("memberships", condition=Q(memberships__user=user_id))
        return self.annotate(mine=mine, my_role=F("mine__role"), my_status=F("mine__status"))


class MembershipQuerySet(models.QuerySet):
    pass
