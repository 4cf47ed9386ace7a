from django.urls import path

from apps.core import views
from apps.core.metrics import MetricsView

urlpatterns = [
    path("", views.WelcomeView.as_view()),
    path("api/v1", views.ApiIndexView.as_view()),
    path("health", views.HealthView.as_view()),
    path("health/live", views.LiveView.as_view()),
    path("health/ready", views.ReadyView.as_view()),
    path("metrics", MetricsView.as_view()),
    path("openapi.json", views.OpenApiView.as_view(), name="openapi"),
    path("docs", views.SwaggerView.as_view(url_name="openapi")),
    path("redoc", views.RedocView.as_view(url_name="openapi")),
]
