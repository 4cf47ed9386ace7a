from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from apps.accounts import cache, emails, services, staff_forms
from apps.accounts.models import LoginFailure, Session, User
from apps.accounts.tokens import fingerprint
from apps.core import clock
from apps.core.admin import StaffAdmin
from apps.core.staff_filters import DaysFilter
from apps.core.staff_inlines import RowsInline
from apps.core.staff_lists import ChoiceFilter, CreatedFilter

admin.site.login_form = staff_forms.StaffLoginForm
admin.site.password_change_form = staff_forms.StaffPasswordForm

PROFILE = {"full_name", "display_name", "bio", "avatar_url", "timezone"}
POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")
COUNTERS = (
    "points",
    "total_check_ins",
    "total_challenges_completed",
    "current_streak",
    "longest_streak",
    "last_checkin_date",
)
# Moved by the rules of the game, by the server, or (the password) by forms of their own.
KEPT = (*COUNTERS, "id", "day_floor", "account_type", "push_device_type", "created_at", "updated_at", "last_seen_at")


class SessionsInline(RowsInline):
    """The end of the index: those that are not revoked come first, then those that were revoked last."""

    model, fk_name = Session, "user"
    verbose_name_plural = "sessions"
    fields = columns = ("created_at", "rotated_at", "expires_at", "revoked_at")
    ordering = ("-revoked_at",)
    most = 10


@admin.register(User)
class UserAdmin(StaffAdmin, DjangoUserAdmin):
    icon = "person"
    allows = ("add", "change")
    form, add_form = staff_forms.UserForm, staff_forms.UserAddForm
    change_password_form = staff_forms.UserPasswordForm
    lines = ("bio",)
    inlines = (SessionsInline,)

    list_display = ("email", "display_name", "is_active", "points", "last_checkin_date", "last_seen_at")
    list_columns = list_display
    list_filter = ("is_active", "is_staff", "is_superuser", "account_type", "forced_mode", CreatedFilter, DaysFilter)
    sortable_by = ("email",)
    ordering = ("-pk",)
    search_fields = ("id", "email", "display_name")
    search_help_text = "A part of the display name, an e-mail address or its beginning up to the @, or an id."

    readonly_fields = (*KEPT, "new_password", "see_also")
    fieldsets = (
        (None, {"fields": ("email", "new_password", "see_also")}),
        ("Profile", {"fields": (("display_name", "full_name"), "bio", "avatar_url", "timezone")}),
        ("Access", {"fields": (("is_active", "is_staff", "is_superuser"),)}),
        ("Permissions", {"fields": ("groups", "user_permissions"), "classes": ("collapse",)}),
        ("Mode", {"fields": (("account_type", "forced_mode"),)}),
        (
            "Counters",
            {
                "fields": (COUNTERS[:3], COUNTERS[3:]),
                "description": "Moved by check-ins only. A streak as shown falls to 0 after a missed day.",
            },
        ),
        (
            "Record",
            {"fields": ("id", ("day_floor", "push_device_type"), ("created_at", "updated_at", "last_seen_at"))},
        ),
    )
    add_fieldsets = ((None, {"fields": ("email", "display_name", "password1", "password2")}),)

    def get_readonly_fields(self, request, obj=None) -> tuple[str, ...]:
        """Only a superuser gives powers: whoever may edit users could otherwise take them."""
        kept = () if not obj else self.readonly_fields
        return kept if request.user.is_superuser else (*kept, *POWERS)

    def has_change_permission(self, request, obj=None) -> bool:
        """Staff accounts are a superuser's to change: a new password for one would be a way to its powers."""
        reserved = obj is not None and (obj.is_staff or obj.is_superuser) and not request.user.is_superuser
        return not reserved and super().has_change_permission(request, obj)

    def write(self, obj: User, changed: set[str]) -> None:
        profile = changed & PROFILE
        if profile:
            services.update_profile(user_id=obj.pk, **{name: getattr(obj, name) for name in profile})
        if "is_active" in changed and not obj.is_active:
            services.deactivate_user(user_id=obj.pk)
            changed = changed - {"is_active"}
        super().write(obj, changed - profile)

    def expire(self, obj: User, changed: set[str]) -> None:
        cache.expire_facts([obj.pk])

    @admin.display(description="Password")
    def new_password(self, user: User) -> str:
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a class="button" href="{}">Set a new password</a>', url)


class RevokedFilter(ChoiceFilter):
    title, parameter_name = "revoked", "revoked"

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return [("no", "No"), ("yes", "Yes")]

    def queryset(self, request, queryset: models.QuerySet) -> models.QuerySet:
        return queryset.filter(revoked_at__isnull=self.value() == "no") if self.value() in ("no", "yes") else queryset


@admin.register(Session)
class SessionAdmin(StaffAdmin):
    """Who is logged in. The hashes stay out of sight."""

    icon = "key"
    fields = ("user", "created_at", "rotated_at", "expires_at", "revoked_at", "id")
    list_display = ("user", "created_at", "rotated_at", "expires_at", "revoked_at")
    list_columns = ("created_at", "rotated_at", "expires_at", "revoked_at", "user__email")
    list_select_related = ("user",)
    list_filter = (RevokedFilter, CreatedFilter, DaysFilter)
    search_fields = ("id", "user__id", "user__email", "user__display_name")
    search_help_text = "A user's display name, e-mail address or id, or a session's id."
    autocomplete_fields = ("user",)


class LockedFilter(ChoiceFilter):
    title, parameter_name = "lock", "locked"

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return [("yes", "Locked now")]

    def queryset(self, request, queryset: models.QuerySet) -> models.QuerySet:
        return queryset.filter(locked_until__gt=clock.now()) if self.value() == "yes" else queryset


@admin.register(LoginFailure)
class LoginFailureAdmin(StaffAdmin):
    """Deleting a row unlocks its address."""

    icon = "lock"
    allows = ("delete",)
    fields = list_columns = ("email_hash", "failures", "window_started_at", "locked_until")
    list_display = ("address", *fields[1:])
    list_filter = (LockedFilter,)
    search_fields = ("email_hash",)
    search_help_text = "The whole e-mail address: only its SHA-256 is stored. Delete a row to unlock its address."

    def search_condition(self, term: str) -> Q:
        return Q(email_hash=fingerprint(emails.normal_form(term)) if "@" in term else term.lower())

    @admin.display(description="Email hash")
    def address(self, failure: LoginFailure) -> str:
        return f"{failure.email_hash[:16]}…"


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(StaffAdmin, DjangoGroupAdmin):
    """Sets of permissions, for staff who are no superusers."""

    icon = "groups"
    allows = ("add", "change", "delete")
    list_display = list_columns = ("name",)


@admin.register(LogEntry)
class LogEntryAdmin(StaffAdmin):
    """What staff did, and why. Nobody edits it."""

    icon = "history"
    list_display = ("action_time", "user", "did", "content_type", "object_repr", "why")
    list_columns = (
        "action_time",
        "action_flag",
        "object_id",
        "object_repr",
        "change_message",
        "user__email",
        "content_type__app_label",
        "content_type__model",
    )
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag",)
    search_fields = ("user__id", "user__email")
    search_help_text = "The e-mail address or id of who did it."
    autocomplete_fields = ("user",)
    fields = ("action_time", "user", "did", "content_type", "object_repr", "object_id", "why")

    @admin.display(description="Did")
    def did(self, entry: LogEntry) -> str:
        return entry.get_action_flag_display()

    @admin.display(description="What and why")
    def why(self, entry: LogEntry) -> str:
        return entry.get_change_message()
