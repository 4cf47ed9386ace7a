from django.urls import path

from apps.notifications import views

urlpatterns = [
    path("notifications", views.NotificationListView.as_view()),
    path("notifications/unread/count", views.UnreadCountView.as_view()),
    path("notifications/mark-read", views.MarkReadView.as_view()),
    path("notifications/mark-all-read", views.MarkAllReadView.as_view()),
    path("notifications/register-push-token", views.PushTokenRegisterView.as_view()),
    path("notifications/push-token", views.PushTokenView.as_view()),
    path("notifications/<str:notification_id>", views.NotificationView.as_view()),
]
