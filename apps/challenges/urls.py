from django.urls import path

from apps.challenges.views.challenges import ChallengeListView, ChallengeView, DiscoverView
from apps.challenges.views.habits import HabitListView
from apps.challenges.views.jobs import AutoCompleteView
from apps.challenges.views.memberships import JoinByCodeView, JoinView, LeaveView, MemberListView, MemberView

urlpatterns = [
    path("challenges", ChallengeListView.as_view()),
    path("challenges/discover", DiscoverView.as_view()),
    path("challenges/join", JoinByCodeView.as_view()),
    path("challenges/<str:challenge_id>", ChallengeView.as_view()),
    path("challenges/<str:challenge_id>/join", JoinView.as_view()),
    path("challenges/<str:challenge_id>/leave", LeaveView.as_view()),
    path("challenges/<str:challenge_id>/members", MemberListView.as_view()),
    path("challenges/<str:challenge_id>/members/<str:user_id>", MemberView.as_view()),
    path("admin/jobs/auto-complete", AutoCompleteView.as_view()),
    path("habits", HabitListView.as_view()),
]
