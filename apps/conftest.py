"""Three people, as every access question needs them, and their clients."""

import pytest

from apps import testing


@pytest.fixture
def owner(db):
    return testing.make_user("Olga")


@pytest.fixture
def member(db):
    return testing.make_user("Max")


@pytest.fixture
def outsider(db):
    return testing.make_user("Ute")


@pytest.fixture
def challenge(owner, member):
    """A running challenge of `owner` with `member`, two habits, no evidence required."""
    return testing.make_challenge(owner, member)


@pytest.fixture
def as_owner(owner):
    return testing.Api(owner)


@pytest.fixture
def as_member(member):
    return testing.Api(member)


@pytest.fixture
def as_outsider(outsider):
    return testing.Api(outsider)


@pytest.fixture
def anonymous(db):
    return testing.Api()
