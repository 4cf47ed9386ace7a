from django.urls import path

from apps.social.views import friendships, hitches

urlpatterns = [
    path("friends", friendships.FriendListView.as_view()),
    path("friends/request", friendships.FriendRequestView.as_view()),
    path("friends/requests", friendships.FriendRequestListView.as_view()),
    path("friends/requests/<str:friendship_id>/respond", friendships.FriendRespondView.as_view()),
    path("friends/<str:user_id>", friendships.FriendView.as_view()),
    path("hitch", hitches.HitchView.as_view()),
]
