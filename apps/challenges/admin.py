from django import forms
from django.contrib import admin
from django.db.models import Q
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from apps.challenges import access, cache, services
from apps.challenges.admin_inlines import HabitsInline, MembersInline
from apps.challenges.models import INVITE_ALPHABET, Challenge, ChallengeHabit, Habit, Membership
from apps.core.admin import StaffAdmin
from apps.core.cache import expire
from apps.core.staff_actions import staff_action
from apps.core.staff_filters import DaysFilter
from apps.core.staff_lists import CreatedFilter


@admin.register(Habit)
class HabitAdmin(StaffAdmin):
    """Staff maintain the habits of the system; a user's own are the user's. None is ever deleted."""

    icon = "self_improvement"
    allows = ("add", "change")
    lines = ("description",)
    list_display = ("name", "icon", "category", "is_system", "created_by", "created_at")
    list_columns = ("name", "icon", "category", "is_system", "created_at", "created_by__email")
    list_select_related = ("created_by",)
    list_filter = ("is_system",)
    ordering = ("pk",)  # the system's habits have the lowest ids
    search_fields = ("id", "created_by__id", "created_by__email", "name")
    searched = Q(is_system=True)
    search_help_text = "A part of a system habit's name, an owner's e-mail address or id, or a habit's id."
    autocomplete_fields = ("created_by",)
    fields = (("name", "icon", "category"), "description", ("is_system", "created_by", "created_at"), "id")
    readonly_fields = ("is_system", "created_by", "id", "created_at")

    def has_change_permission(self, request, obj=None) -> bool:
        return (obj is None or obj.is_system) and super().has_change_permission(request, obj)

    def get_fields(self, request, obj=None) -> tuple[str, ...]:
        return self.fields if obj else self.fields[:2]

    def save_model(self, request, obj, form, change) -> None:
        obj.is_system = True
        super().save_model(request, obj, form, change)

    def expire(self, obj: Habit, changed: set[str]) -> None:
        expire(cache.HABITS)


class ChallengeForm(forms.ModelForm):
    max_members = forms.IntegerField(min_value=1, max_value=50, widget=UnfoldAdminIntegerFieldWidget)

    def clean_max_members(self) -> int:
        places = self.cleaned_data["max_members"]
        # Under the challenge's lock, as joining is: nobody takes the place that is being removed.
        locked = Challenge.objects.select_for_update(no_key=True).values_list("member_count", flat=True)
        members = locked.get(pk=self.instance.pk)
        if places < members:
            raise forms.ValidationError(f"The challenge has {members} members.", code="max_members_below_count")
        return places


@admin.register(Challenge)
class ChallengeAdmin(StaffAdmin):
    """Status, members and counters move by the services only; what is fixed at creation stays."""

    allows = ("change",)
    acts = ("archive",)
    inlines = (HabitsInline, MembersInline)
    icon = "flag"
    form = ChallengeForm
    lines = ("description",)
    list_display = ("name", "status", "type", "is_public", "members", "start_date", "end_date", "created_by")
    list_columns = (
        "name",
        "status",
        "type",
        "is_public",
        "member_count",
        "max_members",
        "start_date",
        "end_date",
        "created_by__email",
    )
    list_select_related = ("created_by",)
    list_filter = ("status", "type", "checkin_type", "is_public", CreatedFilter, DaysFilter)
    search_fields = ("id", "created_by__id", "created_by__email", "name")
    searched = Q(is_public=True)
    search_help_text = (
        "A part of a public challenge's name, an invite code, the creator's e-mail address or id, or a challenge's id."
    )
    autocomplete_fields = ("created_by",)
    readonly_fields = (
        "id",
        "type",
        "status",
        "checkin_type",
        "require_evidence",
        "start_date",
        "end_date",
        "duration_days",
        "invite_code",
        "member_count",
        "current_streak",
        "last_checkin_date",
        "completion_rate",
        "created_by",
        "created_at",
        "updated_at",
        "see_also",
    )
    fieldsets = (
        (None, {"fields": ("name", "description", ("is_public", "max_members"), "see_also")}),
        ("Rules", {"fields": (("type", "checkin_type", "require_evidence", "invite_code"),)}),
        (
            "State",
            {
                "fields": (
                    ("status", "start_date", "end_date", "duration_days"),
                    ("member_count", "completion_rate", "current_streak", "last_checkin_date"),
                )
            },
        ),
        ("Record", {"fields": ("id", ("created_by", "created_at", "updated_at"))}),
    )

    def search_condition(self, term: str) -> Q:
        code = term.upper()
        is_code = len(code) == 6 and set(code) <= set(INVITE_ALPHABET)
        return super().search_condition(term) | (Q(invite_code=code) if is_code else Q())

    def expire(self, obj: Challenge, changed: set[str]) -> None:
        # Locked by the form and by the write; read again, because `obj` may be older than the lock.
        challenge = access.lock_challenge(pk=obj.pk)
        cache.expire_in_lists(challenge, becomes_public="is_public" in changed)

    @staff_action(
        verb="Archive",
        done="archived",
        icon="archive",
        explanation="An archived challenge leaves every list and takes no more check-ins. This is final.",
    )
    def archive(self, challenge: Challenge) -> None:
        services.archive_challenge(challenge_id=challenge.pk, user_id=None)

    @admin.display(description="Members")
    def members(self, challenge: Challenge) -> str:
        return f"{challenge.member_count} of {challenge.max_members}"


@admin.register(ChallengeHabit)
class ChallengeHabitAdmin(StaffAdmin):
    """Which habits a challenge has is fixed at its creation; how they are called there, staff may change."""

    icon = "checklist"
    allows = ("change",)
    lines = ("custom_description",)
    list_display = ("challenge", "display_order", "habit", "custom_name", "custom_icon")
    list_columns = ("display_order", "custom_name", "custom_icon", "challenge__name", "habit__name")
    list_select_related = ("challenge", "habit")
    list_filter = (("custom_name", admin.EmptyFieldListFilter),)
    ordering = ("-challenge_id", "display_order")
    search_fields = ("id", "challenge__id", "habit__id", "challenge__name")
    searched = Q(challenge__is_public=True)
    search_help_text = "A part of a public challenge's name, or the id of a challenge or a habit."
    autocomplete_fields = ("challenge", "habit")
    fields = ("challenge", "habit", "display_order", "custom_name", "custom_icon", "custom_description", "id")
    readonly_fields = ("challenge", "habit", "display_order", "id")


class JoinedFilter(CreatedFilter):
    title, column = "joined", "joined_at"


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    """Joining, leaving and roles are the services': each moves a counter or tells somebody."""

    icon = "group"
    acts = ("kick",)
    list_display = ("user", "challenge", "role", "status", "points_earned", "joined_at")
    list_columns = (*list_display, "user__email", "challenge__name")
    list_select_related = ("user", "challenge")
    list_filter = ("role", "status", "is_completed", JoinedFilter, DaysFilter)
    search_fields = ("id", "user__id", "challenge__id", "user__email", "user__display_name")
    search_help_text = "A user's display name, e-mail address or id, or the id of a challenge or a membership."
    autocomplete_fields = ("user", "challenge")
    fields = (
        ("user", "challenge"),
        ("role", "status", "is_completed"),
        ("points_earned", "kept_points", "total_checkins", "hitch_count"),
        ("current_streak", "longest_streak", "last_checkin_date", "last_checkin_at"),
        ("joined_at", "left_at"),
        "id",
    )

    def label(self, membership: Membership) -> str:
        return f"{membership.user.email} in {membership.challenge.name}"

    @staff_action(
        verb="Kick",
        done="kicked",
        icon="person_remove",
        explanation="Whoever is kicked never returns to the challenge. Statistics stay; nobody is told.",
    )
    def kick(self, membership: Membership) -> None:
        ids = {"challenge_id": membership.challenge_id, "user_id": membership.user_id}
        services.remove_member(manager_id=None, **ids)
