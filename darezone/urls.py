from collections import defaultdict
from importlib import import_module

from django.conf import settings
from django.contrib import admin
from django.urls import URLResolver, include, path, re_path
from django.views.generic import RedirectView

from apps.core.api import NotFoundView


def areas(*urlconfs: str) -> list[URLResolver]:
    """The flat lists of the apps, divided by their first word: a path is compared with each pattern before its own, so
    with a few words and the patterns of its own area, and not with those of the whole API."""
    found = defaultdict(list)
    for pattern in (pattern for name in urlconfs for pattern in import_module(name).urlpatterns):
        area, slash, rest = str(pattern.pattern).partition("/")
        found[area].append(path(slash + rest, pattern.callback, name=pattern.name))
    return [path(area, include(patterns)) for area, patterns in found.items()]


API = ("apps.accounts.urls", "apps.challenges.urls", "apps.checkins.urls", "apps.notifications.urls")

urlpatterns = [
    path("api/v1/", include(areas(*API))),
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
