import pytest

from apps.challenges.tests.steps import MORNING
from apps.core import clock


@pytest.fixture
def morning():
    """For tests that create a challenge: neither midnight nor a whole minute."""
    with clock.standing_at(MORNING):
        yield
