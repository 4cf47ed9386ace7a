from django.contrib import admin

from apps.core.admin import StaffAdmin
from apps.core.staff_lists import CreatedFilter
from apps.social.models import Hitch


@admin.register(Hitch)
class HitchAdmin(StaffAdmin):
    """Who reminded whom: to look at. Found by challenge, where the log's one index begins."""

    icon = "front_hand"
    list_display = ("hitch_date", "sender", "target", "challenge")
    list_columns = ("hitch_date", "sender__email", "target__email", "challenge__name")
    list_select_related = ("sender", "target", "challenge")
    # As the index has them: of a challenge with a hundred thousand of them nothing is sorted.
    ordering_of_one = ("-challenge_id", "-habit_id", "-sender_id", "-target_id", "-hitch_date")
    list_filter = (CreatedFilter,)
    search_fields = ("challenge__id",)
    search_help_text = "The id of a challenge."
    autocomplete_fields = ("sender", "target", "habit", "challenge")
    fields = (("challenge", "habit"), ("sender", "target"), ("hitch_date", "created_at"), "id")
