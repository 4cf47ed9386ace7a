from django.contrib import admin
from django.contrib.admin.models import DELETION

from apps.checkins import review
from apps.checkins.models import CheckIn
from apps.core.admin import StaffAdmin
from apps.core.staff_actions import staff_action
from apps.core.staff_filters import DaysFilter
from apps.core.staff_lists import CreatedFilter


class CheckInDaysFilter(DaysFilter):
    """Of all by the day they were made, of one user or challenge by their own date."""

    column_of_one, title_of_one = "checkin_date", "check-in date"


@admin.register(CheckIn)
class CheckInAdmin(StaffAdmin):
    """To look at, verify and reject: streaks and points are made of these rows.

    No filter by status: without an index it reads the table that grows for ever.
    """

    icon = "check_circle"
    acts = ("verify", "reject")
    list_display = ("checkin_date", "user", "challenge", "habit", "evidence", "status", "points_earned", "created_at")
    list_columns = (
        "checkin_date",
        "created_at",
        "status",
        "photo_url",
        "video_url",
        "caption",
        "points_earned",
        "user__email",
        "challenge__name",
        "habit__name",
    )
    list_select_related = ("user", "challenge", "habit")
    ordering_of_one = ("-checkin_date", "-pk")
    list_filter = (CreatedFilter, CheckInDaysFilter)
    search_fields = ("id", "user__id", "challenge__id", "user__email", "user__display_name")
    search_help_text = "A user's display name, e-mail address or id, or the id of a challenge or a check-in."
    autocomplete_fields = ("user", "challenge", "habit")
    fields = (
        ("user", "challenge", "habit"),
        ("checkin_date", "status", "points_earned", "is_on_time"),
        "caption",
        "photo_url",
        "video_url",
        ("created_at", "updated_at"),
        "id",
    )

    @admin.display(description="Evidence")
    def evidence(self, check_in: CheckIn) -> str | None:
        kinds = {"photo": check_in.photo_url, "video": check_in.video_url, "caption": check_in.caption}
        return ", ".join(kind for kind, content in kinds.items() if content) or None

    def label(self, check_in: CheckIn) -> str:
        return f"{check_in.checkin_date}, {check_in.user.email}: {check_in.habit.name} in {check_in.challenge.name}"

    @staff_action(
        verb="Verify",
        done="verified",
        icon="verified",
        explanation="The evidence is good. Points and streaks stay as they are.",
    )
    def verify(self, check_in: CheckIn) -> None:
        review.verify_check_in(check_in_id=check_in.pk)

    @staff_action(
        verb="Reject",
        done="rejected",
        icon="block",
        flag=DELETION,
        explanation="The check-in is deleted, streaks and totals are counted again; points of earlier days are kept.",
    )
    def reject(self, check_in: CheckIn) -> None:
        review.reject_check_in(check_in_id=check_in.pk, user_id=check_in.user_id)
