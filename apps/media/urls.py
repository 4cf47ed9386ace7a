from django.urls import path

from apps.media import views

urlpatterns = [
    path("media/upload", views.UploadView.as_view()),
    path("media", views.MediaView.as_view()),
]
