"""Where log lines go: all to standard error, one line an event, each once."""

from typing import Any

CONSOLE = "%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s"


def configuration(level: str, format: str) -> dict[str, Any]:
    """LOGGING for LOG_LEVEL and LOG_FORMAT (json or console)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "apps.core.logs.RequestId"},
            "only_failures": {"()": "apps.core.logs.OnlyFailures"},
        },
        "formatters": {
            "console": {"()": "apps.core.logs.ConsoleFormatter", "fmt": CONSOLE},
            "json": {"()": "apps.core.logs.JsonFormatter"},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": format},
        },
        "loggers": {
            # The stock handlers print a second time in development, and requests have a line of ours.
            "django": {"handlers": []},
            "django.request": {"filters": ["only_failures"]},
            "django.server": {"handlers": [], "level": "CRITICAL"},
            # It tells of each connection that is lent and given back.
            "psycopg.pool": {"level": "WARNING"},
            # It tells of each job that is queued, taken and done with; the run log has them.
            "procrastinate": {"level": "WARNING"},
        },
        "root": {"handlers": ["stderr"], "level": level},
    }
