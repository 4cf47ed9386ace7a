"""Four bugs that a cache like this could have, each put in on purpose: the checks must report stale reads."""

import pytest
from django.db import transaction

from apps import testing
from apps.accounts.services import update_profile
from apps.challenges import cache as challenges_cache
from apps.core import cache
from apps.core.cache import Expiry, Snapshot
from apps.profiling.tests.freshness import Case, Reading, stale_reads, stale_versions
from apps.profiling.tests.test_interleavings import calling, editing, first_number, name_of, renaming

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


class Undone(Exception):
    pass


@pytest.fixture
def profile(member):
    return Case("profile", Reading(member, "/users/me"), renaming(member))


@pytest.fixture
def abandoned_edit(member):
    """A writer that looks at the profile it has just written, and rolls back."""

    def write(number):
        try:
            with transaction.atomic():
                update_profile(user_id=member.pk, display_name=f"Never {number}")
                name_of(member)
                raise Undone
        except Undone:
            pass

    return Case("abandoned", lambda: name_of(member), write)


class TestWithoutABug:
    def test_nothing_stale_is_read(self, profile, abandoned_edit):
        assert stale_reads(profile) == stale_reads(abandoned_edit) == []


class TestTokensReadAfterTheLoad:
    @pytest.fixture(autouse=True)
    def bug(self, monkeypatch):
        right = Snapshot._load

        def late(self, key, stamp, load):
            fresh = load()
            self.tokens = dict.fromkeys(self.tokens)
            self._has_tokens()
            return right(self, key, self._stamp(key), lambda: fresh)

        monkeypatch.setattr(Snapshot, "_load", late)

    def test_it_is_caught(self, profile):
        assert stale_reads(profile)

    def test_two_readers_and_two_writers_catch_it(self, challenge, owner, member):
        read = Reading(member, "/challenges", first_number)
        assert stale_versions(read, editing(owner, challenge))


class TestExpiryBeforeTheCommit:
    @pytest.fixture(autouse=True)
    def bug(self, monkeypatch):
        class TooEarly(Expiry):
            def __init__(self, *expired):
                super().__init__(*expired)
                self()

        monkeypatch.setattr(cache, "Expiry", TooEarly)

    def test_it_is_caught(self, challenge, owner, member):
        assert stale_reads(Case("list", Reading(member, "/challenges"), editing(owner, challenge)))


class TestMissingDependency:
    """A challenge's change forgets one of the places where it is shown."""

    @pytest.mark.parametrize(
        ("forgotten", "path"), [("expire_lists", "/challenges"), ("expire", "/challenges/discover")]
    )
    def test_it_is_caught(self, forgotten, path, monkeypatch, owner, member):
        challenge = testing.make_challenge(owner, member, is_public=True)
        case = Case(path, Reading(member, path), editing(owner, challenge))
        assert stale_reads(case) == []
        monkeypatch.setattr(challenges_cache, forgotten, lambda *_: None)
        assert stale_reads(case)

    def test_two_readers_and_two_writers_catch_it(self, monkeypatch, challenge, owner, member):
        monkeypatch.setattr(challenges_cache, "expire_lists", lambda *_: None)
        read = Reading(member, "/challenges", first_number)
        assert stale_versions(read, editing(owner, challenge))

    def test_a_missing_one_of_statistics_is_caught(self, monkeypatch, owner, outsider):
        challenge = testing.make_challenge(owner, is_public=True)
        monkeypatch.setattr("apps.challenges.services.memberships.expire_facts", lambda *_: None)

        def prepare(number):
            calling(outsider, "POST", f"/challenges/{challenge.pk}/leave")(number) if number > 1 else None

        join = calling(outsider, "POST", f"/challenges/{challenge.pk}/join")
        assert stale_reads(Case("stats", Reading(outsider, "/users/me/stats"), join, prepare))


class TestFillingInsideATransaction:
    @pytest.fixture(autouse=True)
    def bug(self, monkeypatch):
        monkeypatch.setattr(cache, "in_transaction", lambda: False)

    def test_it_is_caught(self, abandoned_edit):
        assert stale_reads(abandoned_edit)
