"""What the server says of itself while it is judged."""

import logging
from typing import Any

import requests

from locustfiles import counters

logger = logging.getLogger(__name__)


def health(host: str | None) -> dict[str, Any] | None:
    """None when nothing answers."""
    try:
        found = requests.get(f"{host}/health", timeout=5).json()
        return found if isinstance(found, dict) else None
    except (requests.RequestException, ValueError) as error:
        logger.error("%s/health: %s", host, error)
        return None


def read(host: str | None) -> counters.Counters:
    """Empty when /metrics is not for us."""
    try:
        answer = requests.get(f"{host}/metrics", timeout=5)
        answer.raise_for_status()
        return counters.parse(answer.text)
    except requests.RequestException as error:
        logger.error("%s/metrics: %s", host, error)
        return {}
