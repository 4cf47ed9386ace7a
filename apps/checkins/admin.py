from django.contrib import admin

from apps.checkins.models import CheckIn
from apps.core.admin import CreatedFilter, StaffAdmin


@admin.register(CheckIn)
class CheckInAdmin(StaffAdmin):
    """To look at: streaks and points are made of these rows.

    No filter by status and no calendar: without an index either reads the table that grows for ever.
    """

    list_display = ("checkin_date", "user", "challenge", "habit", "evidence", "points_earned")
    list_columns = (
        "checkin_date",
        "photo_url",
        "video_url",
        "caption",
        "points_earned",
        "user__email",
        "challenge__name",
        "habit__name",
    )
    list_select_related = ("user", "challenge", "habit")
    list_filter = (CreatedFilter,)
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
