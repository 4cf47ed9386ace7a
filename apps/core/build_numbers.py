"""What runs, for /metrics: a load test asks whether the server that answers is the one it means to judge."""

from functools import cache

from django.conf import settings
from prometheus_client import Gauge

from apps.core import build

FACTS = ["environment", "version", "build", "debug", "profiler", "toolbar", "cache"]
BUILD = Gauge("darezone_build_info", "What runs; always 1", FACTS, multiprocess_mode="livemax")


@cache
def tell() -> None:
    """Called when the application is loaded, which reads its source once."""
    BUILD.labels(
        environment=settings.ENVIRONMENT,
        version=settings.APP_VERSION,
        build=build.digest(settings.BASE_DIR),
        debug=word(settings.DEBUG),
        profiler=word("silk" in settings.INSTALLED_APPS),
        toolbar=word("debug_toolbar" in settings.INSTALLED_APPS),
        cache=word(settings.CACHE_ENABLED),
    ).set(1)


def word(flag: bool) -> str:
    return "on" if flag else "off"
