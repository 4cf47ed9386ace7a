from django.urls import path

from apps.checkins import views

urlpatterns = [
    path("checkins", views.CheckinListView.as_view()),
    path("checkins/challenges/<str:challenge_id>/today", views.TodayView.as_view()),
    path("checkins/<str:checkin_id>", views.CheckinView.as_view()),
    path("challenges/<str:challenge_id>/checkins", views.FeedView.as_view()),
    path("challenges/<str:challenge_id>/checkins/today", views.TodayAliasView.as_view()),
    path("challenges/<str:challenge_id>/progress", views.ProgressView.as_view()),
]
