"""A cache server that tests may break, one for all tests of a module."""

import pytest

from apps.core.tests import valkey


@pytest.fixture(scope="module")
def valkey_server():
    with valkey.of_its_own() as own:
        yield own


@pytest.fixture
def own(valkey_server):
    """It runs, and knows nothing."""
    if not valkey_server.process:
        valkey_server.start()
    with valkey_server.client() as client:
        client.flushall()
        client.script_flush()
    return valkey_server
