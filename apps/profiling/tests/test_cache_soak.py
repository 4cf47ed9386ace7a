"""The soak counts nothing stale, sees what is stale, and leaves nothing behind."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.accounts.services import update_profile
from apps.challenges.models import Challenge
from apps.core import cache
from apps.profiling.management.commands.cache_soak import Command
from apps.profiling.soak import Counts, Soaker, make_world

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


class TestSoak:
    def test_nothing_stale_is_read(self):
        out = StringIO()
        call_command("cache_soak", seconds=3, processes=2, stdout=out)
        reads, writes, failed, stale = map(int, re.findall(r"(\d+) (?:reads|writes|failed|stale)", out.getvalue()))
        assert (failed, stale) == (0, 0)
        assert reads and writes

    def test_nothing_is_left(self):
        call_command("cache_soak", seconds=0.2, processes=1, stdout=StringIO())
        assert not User.objects.exists() and not Challenge.objects.exists()


class TestCounting:
    @pytest.fixture
    def soaker(self):
        world = make_world()
        return Soaker(world, [0] * 2 * len(world.users), number=0, processes=1)

    def test_a_missing_dependency_is_counted(self, soaker, monkeypatch):
        monkeypatch.setattr(cache.server, "forget", lambda names, **_: None)
        counts = soaker.run(2)
        assert counts.stale > 0

    def test_it_reads_every_number(self, soaker):
        user, token = soaker.world.users[0], soaker.world.tokens[0]
        update_profile(user_id=user, display_name="7")
        assert soaker.ask("/users/me", token) == (200, [(0, 7)])
        status, shown = soaker.ask("/challenges/discover?limit=100", token)
        assert sorted(shown) == [(index + 6, 0) for index in range(6)]

    @pytest.mark.parametrize("bad", [{"stale": 1}, {"failed": 1}, {"reads": 0}, {"writes": 0}])
    def test_the_command_fails(self, bad):
        with pytest.raises(CommandError):
            Command(stdout=StringIO()).report(Counts(reads=9, writes=9)._replace(**bad), 1)
