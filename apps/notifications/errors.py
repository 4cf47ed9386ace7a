from apps.core.errors import Problem

notification_not_found = Problem(404, "notification_not_found", "Notification not found.")
invalid_push_token = Problem(400, "invalid_push_token", "Invalid Expo push token.")
