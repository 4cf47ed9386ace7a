from django.contrib import admin

from apps.core.admin import CreatedFilter, StaffAdmin
from apps.notifications.models import Notification, Push


@admin.register(Notification)
class NotificationAdmin(StaffAdmin):
    list_display = ("title", "type", "user", "is_read", "created_at")
    list_columns = ("title", "type", "is_read", "created_at", "user__email")
    list_select_related = ("user",)
    list_filter = ("type", "is_read", CreatedFilter)
    search_fields = ("id", "user__id", "user__email", "user__display_name")
    search_help_text = "A user's display name, e-mail address or id, or a notification's id."
    autocomplete_fields = ("user",)
    fields = (
        ("user", "type"),
        "title",
        "body",
        "data",
        "action_url",
        ("is_read", "read_at"),
        "dedupe_key",
        ("created_at", "expires_at"),
        "id",
    )


@admin.register(Push)
class PushAdmin(StaffAdmin):
    list_display = ("notification", "attempts", "next_attempt_at")
    list_columns = ("attempts", "next_attempt_at", "notification__title")
    list_select_related = ("notification",)
    search_fields = ("notification__id",)
    search_help_text = "A notification's id."
    autocomplete_fields = ("notification",)
    fields = ("notification", "attempts", "next_attempt_at")
