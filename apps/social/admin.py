from django.contrib import admin
from django.db.models import Q

from apps.core.admin import MOST_FOUND, StaffAdmin
from apps.core.staff_lists import CreatedFilter
from apps.social.models import Friendship, Hitch


@admin.register(Friendship)
class FriendshipAdmin(StaffAdmin):
    """To look at: what two people are to each other is theirs to change."""

    icon = "handshake"
    list_display = ("requester", "addressee", "status", "created_at", "accepted_at")
    list_columns = ("status", "created_at", "accepted_at", "requester__email", "addressee__email")
    list_select_related = ("requester", "addressee")
    search_fields = ("id", "requester_id", "addressee_id")
    search_help_text = "The e-mail address or id of one of the two, or a friendship's id."
    autocomplete_fields = ("requester", "addressee")
    fields = (("requester", "addressee"), ("status", "accepted_at"), ("created_at", "updated_at"), "id")

    def get_ordering(self, request) -> tuple[str, ...]:
        """Of one person's rows in the order of the index that finds them."""
        return ("status", "-pk") if {"requester", "addressee"} & set(request.GET) else self.ordering

    def search_condition(self, term: str) -> Q:
        """By either of the two, each for itself: an OR over two joins would read the table whole."""
        if "@" not in term:
            return super().search_condition(term)
        lookup = "email" if "." in term.rpartition("@")[2] else "email__startswith"
        sides = ({f"{side}__{lookup}": term.lower()} for side in ("requester", "addressee"))
        asked, answered = (Friendship.objects.filter(**side).order_by().values_list("pk", flat=True) for side in sides)
        return Q(pk__in=list(asked.union(answered, all=True)[:MOST_FOUND]))

    def label(self, friendship: Friendship) -> str:
        return f"{friendship.requester.email} and {friendship.addressee.email}"


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
