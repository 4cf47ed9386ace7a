"""Writes under the eyes of people whose reads are all in the cache."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps import testing
from apps.profiling.tests.counting import Counted, counting
from apps.testing import Api

READS = (
    "/users/me",
    "/users/me/stats",
    "/auth/me",
    "/challenges",
    "/challenges?status_filter=active",
    "/challenges/discover",
    "/challenges/discover?status_filter=active",
    "/habits",
    "/notifications/unread/count",
)


@contextmanager
def watched(*apis: Api) -> Iterator[Counted]:
    """The write in the block asks the cache once and expires once, and what it has changed everybody reads at once."""
    paths = (*READS, *(f"/users/{api.user.id}" for api in apis))
    for api in apis:
        everything(api, paths)
    with counting() as cost:
        yield cost
    assert cost.redis <= 2
    cached = [everything(api, paths) for api in apis]
    testing.forget()
    assert cached == [everything(api, paths) for api in apis]


def everything(api: Api, paths: tuple[str, ...] = READS) -> dict[str, Any]:
    """Every cached read, as this person gets it."""
    answers = {path: api.get(path) for path in paths}
    return {path: (answer.status_code, answer.json()) for path, answer in answers.items()}


def is_warm(api: Api, path: str) -> bool:
    """Is the answer made without the database, in one round trip?"""
    with counting() as cost:
        assert api.get(path).status_code == 200
    return (len(cost.statements), cost.redis) == (0, 1)
