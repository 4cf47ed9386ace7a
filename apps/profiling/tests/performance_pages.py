"""The performance pages, and their words."""

import re

from django.urls import reverse

PAGE, DATABASE, EXPLAIN = (reverse(f"performance:{name}") for name in ("requests", "database", "explain"))


def text_of(response) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
