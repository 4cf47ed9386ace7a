from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from apps.core.api import NotFoundView
from apps.media.views import StoredFileView

urlpatterns = [
    # In the order of how often they are asked for: a path is compared with each pattern before its own.
    path("api/v1/", include("apps.accounts.urls")),
    path("api/v1/", include("apps.challenges.urls")),
    path("api/v1/", include("apps.checkins.urls")),
    path("api/v1/", include("apps.notifications.urls")),
    path("api/v1/", include("apps.media.urls")),
    path("media/<str:bucket>/<str:user_id>/<str:file>", StoredFileView.as_view()),
    path("", include("apps.core.urls")),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/performance/", include("apps.profiling.urls")),
    path("admin/", admin.site.urls),
]
if settings.PROFILE:
    urlpatterns.append(path("silk/", include("silk.urls", namespace="silk")))
if "debug_toolbar" in settings.INSTALLED_APPS:
    urlpatterns.append(path("__debug__/", include("debug_toolbar.urls")))
urlpatterns.append(re_path("", NotFoundView.as_view()))

handler400 = "apps.core.handlers.bad_request"
handler404 = "apps.core.handlers.not_found"
handler500 = "apps.core.handlers.internal_error"
