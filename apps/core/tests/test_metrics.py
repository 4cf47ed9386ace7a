import re

import pytest
from django.test import Client, override_settings

from apps.core import cache_numbers

pytestmark = pytest.mark.django_db


def ask(**options):
    return Client().get("/metrics", **options)


class TestMetrics:
    def test_it_works(self):
        answer = ask()
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain")
        assert "# TYPE darezone_cache_hits_total counter" in answer.content.decode()

    def test_it_counts_misses_fills_and_hits(self, as_member):
        before = numbers("misses", "fills", "hits")
        as_member.get("/users/me")
        as_member.get("/users/me")
        after = numbers("misses", "fills", "hits")
        assert [after[name] - before[name] for name in before] == [1, 1, 1]

    def test_it_counts_invalidations(self, as_member):
        before = number('invalidations_total{kind="u"}')
        assert as_member.patch("/users/me", {"bio": "new"}).status_code == 200
        assert number('invalidations_total{kind="u"}') == before + 1


class TestAccess:
    def test_it_does_not_exist_for_other_machines(self):
        assert ask(REMOTE_ADDR="192.0.2.1").status_code == 404

    @override_settings(TRUSTED_PROXY_COUNT=1)
    def test_it_does_not_exist_behind_a_proxy_of_this_machine(self):
        assert ask().status_code == 404

    @override_settings(METRICS_TOKEN="a-secret")  # noqa: S106
    def test_it_takes_the_token_and_nothing_else(self):
        assert ask(headers={"Authorization": "Bearer a-secret"}, REMOTE_ADDR="192.0.2.1").status_code == 200
        assert [ask(headers={"Authorization": sent}).status_code for sent in ("", "Bearer", "Bearer x")] == [404] * 3


def numbers(*names: str) -> dict[str, float]:
    return {name: number(f'{name}_total{{kind="profile"}}') for name in names}


def number(series: str) -> float:
    found = [line for line in ask().content.decode().splitlines() if line.startswith(f"darezone_cache_{series} ")]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


class TestLog:
    def test_it_has_a_line_of_totals_at_most_once_a_minute(self, as_member, caplog, monkeypatch):
        monkeypatch.setattr(cache_numbers, "_next_line", 0.0)
        with caplog.at_level("INFO", "darezone.cache"):
            as_member.get("/users/me")
            as_member.get("/users/me")
        lines = [record.getMessage() for record in caplog.records if record.name == "darezone.cache"]
        assert len(lines) == 1
        assert re.match(r"cache hits=\d+ misses=\d+ fills=\d+ waits=\d+ invalidations=\d+ lost_invalid", lines[0])
