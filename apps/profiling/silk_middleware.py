"""silk as a viewer of what our own execute wrapper sees: every statement, also an INSERT, raw SQL and compiled reads,
and none with its values. Stock silk explains each SELECT inside the request's transaction and sees only the ORM's."""

import logging
import traceback
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models.sql.compiler import SQLCompiler
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from silk.collector import DataCollector
from silk.middleware import SilkyMiddleware, config

from apps.core import clock, measured
from apps.core.measured import Measured
from apps.core.slow_statements import fingerprint
from apps.profiling import silk_rules

logger = logging.getLogger("darezone.silk")
APPS = str(settings.BASE_DIR / "apps")
MECHANICS = ("silk_middleware.py", "core/measured.py", "core/middleware.py")


class Silk(SilkyMiddleware):
    """Its failures are the log's business, never the request's."""

    def __init__(self, get_response):
        super().__init__(get_response)
        config.attrs["SILKY_INTERCEPT_FUNC"] = import_string(settings.SILKY_INTERCEPT_FUNC)
        SQLCompiler._execute_sql = SQLCompiler.execute_sql  # the sign by which silk knows that it has replaced it
        if show_statement not in measured.statement_watchers:
            measured.statement_watchers.append(show_statement)

    def process_request(self, request: HttpRequest) -> None:
        try:
            super().process_request(request)
        except Exception as error:
            request.silk_is_intercepted = False
            DataCollector().clear()
            logger.warning("A request is not recorded: %r", error)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            if getattr(request, "silk_is_intercepted", False):
                super().process_response(request, silk_rules.masked(response))
        except Exception as error:
            logger.warning("A request is not recorded: %r", error)
        finally:
            DataCollector().clear()
        return response


def show_statement(cost: Measured, sql: Any, seconds: float, context: dict) -> None:
    collector = DataCollector()
    if collector.request is None:
        return
    end = clock.now()
    collector.register_query(
        {
            "query": fingerprint(sql),
            "start_time": end - timedelta(seconds=seconds),
            "end_time": end,
            "traceback": "".join(reversed(frames_of_ours())),
            "request": collector.request,
        }
    )


def frames_of_ours() -> list[str]:
    """What led to the statement, without the frameworks in between."""
    stack = [frame for frame in traceback.extract_stack() if frame.filename.startswith(APPS)]
    return traceback.format_list([frame for frame in stack if not frame.filename.endswith(MECHANICS)])
