"""Three people, as every access question needs them, their clients, somebody of the staff, and a clock that stands."""

import os
from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings as loaded
from django.db import connection
from django.db.models.signals import post_migrate  # noqa: TID251 - of the test database, not of a business rule
from django.test import Client

from apps import testing
from apps.core import clock
from apps.core.tests import declared

migration = import_module("apps.challenges.migrations.0002_system_habits")


def pytest_generate_tests(metafunc):
    """DAREZONE_RACES=20 bin/test -m races runs each race twenty times."""
    times = int(os.environ.get("DAREZONE_RACES", "1"))
    if times > 1 and metafunc.definition.get_closest_marker("races"):
        metafunc.fixturenames.append("again")
        metafunc.parametrize("again", range(times))


def restore_system_habits(sender, **kwargs):
    """A test with real transactions ends by emptying every table; the ten habits of the migration stay part of it."""
    if not apps.get_model("challenges", "Habit").objects.filter(is_system=True).exists():
        migration.create_habits(apps, None)


def pytest_collection_modifyitems(items):
    """Through a transaction pooler, see bin/test --through-pgbouncer, those that say why not are left out."""
    for item in items if loaded.DATABASE_POOLER == "transaction" else []:
        if direct := item.get_closest_marker("direct"):
            item.add_marker(pytest.mark.skip(reason=f"needs a direct connection: {direct.args[0]}"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    post_migrate.connect(restore_system_habits, sender=apps.get_app_config("challenges"))


@pytest.fixture(autouse=True)
def cache_of_its_own(request, settings, monkeypatch):
    """Each test has an empty cache, and a world whose transaction never commits: what its writes expire is expired
    around each request, as the commits would have done. Every answer is one that the OpenAPI document declares."""
    breaks = request.node.get_closest_marker("breaks")
    settings.CACHE_PREFIX = f"test:{uuid4().hex}:"
    send = Client.request

    def request(self, **environ):
        testing.expire_what_was_written()
        try:
            response = send(self, **environ)
        finally:
            testing.expire_what_was_written()
        fault = None if breaks else declared.fault(response.wsgi_request, response)
        if fault:
            path = environ["PATH_INFO"][:200]
            raise AssertionError(f"{environ['REQUEST_METHOD']} {path} answers {response.status_code}: {fault}")
        return response

    monkeypatch.setattr(Client, "request", request)


@pytest.fixture
def noon():
    """The clock stands at testing.NOON, for tests that go by dates: no midnight comes between two of their steps."""
    with clock.standing_at(testing.NOON):
        yield


@pytest.fixture
def no_deadlock(transactional_db):
    """Deadlocks are retried unseen, but where everybody locks in one order none is needed."""
    before = deadlocks()
    yield
    if found := deadlocks() - before:
        pytest.fail(f"{found} deadlocks")


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


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


@pytest.fixture
def staff(db):
    return testing.staff_client()
