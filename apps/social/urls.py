from django.urls import path

from apps.social.views import hitches

urlpatterns = [
    path("hitch", hitches.HitchView.as_view()),
]
