"""Log lines carry the request they belong to, and never tokens, passwords, e-mails, addresses of people or bodies."""

import json
import logging
import os
import re
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from apps.core import measured

# What an exception may quote: values of a row, which may have lines of their own, tokens, the password of a URL, e-mail
# addresses. Of a traceback, what follows the row is kept: PostgreSQL's next field, or the next exception of the chain.
SECRETS = re.compile(
    r"(?<=DETAIL:)(?s:.*?)(?=\n(?:HINT|CONTEXT):  |\n\n(?:The above|During handling of the above) exception|\Z)|"
    r"\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=Bearer )\S+|(?<=://)[^/\s@]+(?=@)|[^\s@'\"(<=,]+@[^\s@'\")>,]+\.\w+"
)
HIDDEN = "***"
STDERR = 2


class RequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = measured.current.get().request_id
        return True


class OnlyFailures(logging.Filter):
    """For django.request: every answer has its line already, so it keeps what has a traceback to tell."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.ERROR and bool(record.exc_info)


class ConsoleFormatter(logging.Formatter):
    """For people: the message, then the fields."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        return " ".join([super().formatMessage(record), *(f"{name}={value}" for name, value in fields.items())])


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": masked(record.getMessage()),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = masked(self.formatException(record.exc_info))
        return encoded(line).decode()


def write(logger: str, request_id: str, fields: str) -> None:
    """A line like JsonFormatter's straight to stderr, for what is logged at each request. `fields` are JSON."""
    now = time.time()
    stamp = f"{second(int(now))}.{int(now % 1 * 1000):03}Z"
    line = f'{{"time":"{stamp}","level":"INFO","logger":"{logger}","request_id":"{request_id}",{fields}}}\n'
    try:
        os.write(STDERR, line.encode())
    except OSError:  # nobody reads the log any more, which is no reason to fail
        return


@lru_cache(maxsize=1)
def second(number: int) -> str:
    return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def encoded(line: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(line, option=orjson.OPT_UTC_Z)
    except TypeError:  # half a character, which JSON can escape and UTF-8 cannot write
        return json.dumps(line, default=str).encode()


def masked(text: str) -> str:
    return SECRETS.sub(HIDDEN, text)
