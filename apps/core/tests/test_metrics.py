import re
from uuid import uuid4

import pytest
from django.test import Client, override_settings

from apps.core import build, cache_numbers, pool_numbers, request_numbers

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
        before = number('darezone_cache_invalidations_total{kind="u"}')
        assert as_member.patch("/users/me", {"bio": "new"}).status_code == 200
        assert number('darezone_cache_invalidations_total{kind="u"}') == before + 1


class TestRequests:
    def test_it_counts_by_method_route_and_status(self, as_owner):
        good = 'darezone_request_seconds_count{method="GET",route="/api/v1/challenges/<challenge_id>",status="404"}'
        before = number(good)
        for _ in range(3):
            as_owner.get(f"/challenges/{uuid4()}")
        assert number(good) == before + 3

    def test_unknown_paths_and_methods_make_no_series(self, as_owner):
        as_owner.raw("BREW", f"/coffee/{uuid4()}")
        before = len(ask().content.splitlines())
        for name in ("BREW", "STEEP", "POUR"):
            as_owner.raw(name, f"/coffee/{uuid4()}")
        assert len(ask().content.splitlines()) == before

    def test_the_objectives_are_bounds(self, as_owner):
        as_owner.get("/habits")
        series = 'darezone_request_seconds_bucket{{le="{}",method="GET",route="/api/v1/habits",status="200"}}'
        assert [number(series.format(bound)) > 0 for bound in ("0.2", "+Inf")] == [True, True]
        assert {0.05, 0.1, 0.2} <= set(request_numbers.BUCKETS)

    def test_it_counts_statements_and_their_time(self, as_owner):
        place = '{method="GET",route="/api/v1/habits"}'
        count, seconds = f"darezone_sql_statements_total{place}", f"darezone_sql_seconds_total{place}"
        before, spent = number(count), number(seconds)
        as_owner.get("/habits")
        assert (number(count) - before, number(seconds) > spent) == (2, True)

    def test_it_counts_slow_statements(self, as_owner, settings):
        series = 'darezone_sql_slow_statements_total{method="GET",route="/api/v1/habits"}'
        before = number(series)
        settings.SLOW_QUERY_MS = 0
        as_owner.get("/habits")
        assert number(series) == before + 2


class TestPool:
    STATS = {"pool_max": 4, "pool_size": 3, "pool_available": 1, "requests_waiting": 5}

    def test_it_tells_what_is_lent_and_who_waits(self):
        pool_numbers.note("test", self.STATS, 1)
        seen = [number(f'darezone_db_pool_{name}{{database="test"}}') for name in ("limit", "size", "used", "waiting")]
        assert seen == [4, 3, 2, 5]

    def test_it_counts_each_wait_once(self):
        for queued, milliseconds in ((2, 1000), (2, 1000), (7, 4500)):
            pool_numbers.note("waits", {"requests_queued": queued, "requests_wait_ms": milliseconds}, 2)
        assert number('darezone_db_pool_waits_total{database="waits"}') == 7
        assert number('darezone_db_pool_wait_seconds_total{database="waits"}') == 4.5


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
    return {name: number(f'darezone_cache_{name}_total{{kind="profile"}}') for name in names}


def number(series: str) -> float:
    found = [line for line in ask().content.decode().splitlines() if line.startswith(f"{series} ")]
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


class TestBuild:
    def test_it_tells_what_runs(self, settings):
        line = next(line for line in ask().content.decode().splitlines() if line.startswith("darezone_build_info{"))
        told = dict(re.findall(r'(\w+)="([^"]*)"', line))
        assert told == {
            **{"environment": "test", "version": settings.APP_VERSION, "debug": "off", "cache": "on"},
            **{"profiler": "off", "toolbar": "off", "build": build.digest(settings.BASE_DIR)},
        }

    @pytest.mark.parametrize(("path", "counts"), [("apps/a/views.py", True), ("apps/a/tests/test_a.py", False)])
    def test_a_build_is_known_by_its_source_without_tests(self, tmp_path, path, counts):
        (tmp_path / "requirements.txt").write_text("")
        before, file = build.digest(tmp_path), tmp_path / path
        file.parent.mkdir(parents=True)
        file.write_text("x = 1\n")
        assert (build.digest(tmp_path) != before) is counts
