from django.contrib import admin
from django.urls import path

from apps.profiling import views

app_name = "performance"
urlpatterns = [
    path("", admin.site.admin_view(views.requests), name="requests"),
    path("database/", admin.site.admin_view(views.database), name="database"),
    path("explain/", admin.site.admin_view(views.explain), name="explain"),
]
