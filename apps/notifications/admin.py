from django.contrib import admin

from apps.core.admin import StaffAdmin
from apps.core.staff_actions import staff_action
from apps.core.staff_filters import DaysFilter
from apps.core.staff_lists import CreatedFilter
from apps.notifications.models import Notification, Push
from apps.notifications.services import resend_notification


class NotificationDaysFilter(DaysFilter):
    column_of_one = "created_at"


@admin.register(Notification)
class NotificationAdmin(StaffAdmin):
    icon = "notifications"
    acts = ("resend",)
    list_display = ("title", "type", "user", "is_read", "created_at")
    list_columns = ("title", "type", "is_read", "created_at", "user__email")
    list_select_related = ("user",)
    ordering_of_one = ("-created_at", "-pk")
    list_filter = ("type", "is_read", CreatedFilter, NotificationDaysFilter)
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

    def label(self, notification: Notification) -> str:
        return f"{notification.title} to {notification.user.email}"

    @staff_action(
        verb="Send again", done="sent again", icon="send", explanation="Its owner gets a new copy, unread and on top."
    )
    def resend(self, notification: Notification) -> None:
        resend_notification(notification_id=notification.pk)


@admin.register(Push)
class PushAdmin(StaffAdmin):
    list_display = ("notification", "attempts", "next_attempt_at")
    list_columns = ("attempts", "next_attempt_at", "notification__title")
    list_select_related = ("notification",)
    search_fields = ("notification__id",)
    search_help_text = "A notification's id."
    autocomplete_fields = ("notification",)
    fields = ("notification", "attempts", "next_attempt_at")
