from django.urls import path

from apps.challenges import views

urlpatterns = [
    path("habits", views.HabitListView.as_view()),
]
