"""What the page of a challenge shows below its own columns."""

from django.contrib import admin
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html

from apps.challenges.models import ChallengeHabit, Membership, MemberStatus
from apps.core.admin import LINK, admin_url
from apps.core.staff_inlines import RowsInline


class HabitsInline(RowsInline):
    model, fk_name = ChallengeHabit, "challenge"
    verbose_name_plural = "habits"
    fields = ("shown", "display_order")
    columns = ("display_order", "custom_name", "habit__name")
    list_select_related = ("habit",)
    ordering = ("display_order",)

    @admin.display(description="Name")
    def shown(self, link: ChallengeHabit) -> str:
        page = reverse(admin_url(ChallengeHabit, "change"), args=[link.pk])
        return format_html('<a href="{}" class="{}">{}</a>', page, LINK, link.custom_name or link.habit.name)


class MembersInline(RowsInline):
    """Those of today, all of them: there are never more than fifty."""

    model, fk_name = Membership, "challenge"
    verbose_name_plural = "active members"
    fields = ("user", "role", "points_earned", "total_checkins", "current_streak", "joined_at")
    columns = (*fields[1:], "user__email")
    list_select_related = ("user",)
    ordering = ("user_id",)

    def get_queryset(self, request) -> QuerySet:
        return super().get_queryset(request).filter(status=MemberStatus.ACTIVE)
