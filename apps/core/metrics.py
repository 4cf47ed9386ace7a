"""/metrics: the numbers of all processes of this server, for Prometheus."""

import contextlib
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from apps.core import pool_numbers
from apps.core.api import OpenView
from apps.core.errors import not_found

LOOPBACK = ("127.0.0.1", "::1")


class MetricsView(OpenView):
    """For whoever has METRICS_TOKEN; without one for this machine only. For everybody else it does not exist."""

    schema = None

    def get(self, request):
        if not may_look(request):
            raise not_found()
        return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def may_look(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        sent = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        return secrets.compare_digest(sent.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy of this machine everybody comes from this machine.
    return not settings.TRUSTED_PROXY_COUNT and request.META.get("REMOTE_ADDR") in LOOPBACK


def registry() -> CollectorRegistry:
    """Worker processes leave their numbers in a folder that bin/serve names; a process alone has its own."""
    pool_numbers.look()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return REGISTRY
    forget_the_dead(Path(folder))
    collected = CollectorRegistry()
    MultiProcessCollector(collected)
    return collected


def forget_the_dead(folder: Path) -> None:
    """The server puts a new process in the place of one that died. What that one has counted stays counted; what it
    had, such as connections, it has no longer."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not is_running(pid):
            with contextlib.suppress(FileNotFoundError):  # another process has just forgotten it
                mark_process_dead(pid)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
