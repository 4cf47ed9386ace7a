from django.contrib import admin

from apps.core.admin import StaffAdmin
from apps.core.staff_lists import CreatedFilter
from apps.social.models import Hitch


@admin.register(Hitch)
class HitchAdmin(StaffAdmin):
    """Who reminded whom: to look at. Found by challenge, where the log's one index begins."""

    icon = "front_hand"
    list_display = ("hitch_date", "sender", "target", "habit", "challenge", "created_at")
    list_columns = ("hitch_date", "created_at", "sender__email", "target__email", "habit__name", "challenge__name")
    list_select_related = ("sender", "target", "habit", "challenge")
    list_filter = (CreatedFilter,)
    search_fields = ("id", "challenge__id")
    search_help_text = "The id of a challenge or a hitch."
    autocomplete_fields = ("sender", "target", "habit", "challenge")
    fields = (("challenge", "habit"), ("sender", "target"), ("hitch_date", "created_at"), "id")

    def label(self, hitch: Hitch) -> str:
        return f"{hitch.hitch_date}, {hitch.sender.email} to {hitch.target.email}: {hitch.habit.name}"
