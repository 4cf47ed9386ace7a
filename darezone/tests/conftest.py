"""A database server of a module's own; races of processes are repeated as those of threads are."""

import pytest

from apps.conftest import pytest_generate_tests
from darezone.tests import deployment

__all__ = ["pytest_generate_tests"]


@pytest.fixture(scope="module")
def database():
    with deployment.database() as made:
        yield made
