"""Runs as tests want them: good in every respect but the one that is asked about."""

from pathlib import Path
from typing import Any

from locustfiles.objectives import Objectives
from locustfiles.record import Record, Sample

READ, WRITE, LOGIN = "GET /api/v1/users/me", "POST /api/v1/checkins", "POST /api/v1/auth/login"
BEGIN = 1_772_400_000.0  # 2026-03-01
SECONDS = 60.0
RULES = {
    **{"environment": "load", "generator_cpu_percent": 80, "foreign_share_percent": 25},
    **{"clock_drift_ms": 50, "confidence_percent": 95},
}
LIMITS = {
    "gate": {"read": {"p95_ms": 200}, "write": {"p95_ms": 200}},
    "target": {"read": {"p95_ms": 50}, "write": {"p95_ms": 100}},
}


def wanted(**changes: Any) -> Objectives:
    declared = {READ: {"minimum": 100}}
    given = {"declared": declared, "sql": {READ: 2, WRITE: 9}, "hit_ratio": 0.5}
    return Objectives("brief", **{"run": RULES, "general": LIMITS} | given | changes)


def samples(*times: float, route: str = READ, phase: str = "measured", problem: str = "", begin: float = 10.0):
    """Spread over the window, which is from 10 to 60 s."""
    step = (SECONDS - 10) / (len(times) + 1)
    status = 500 if problem else 200
    return [Sample(begin + number * step, route, float(ms), status, problem, phase) for number, ms in enumerate(times)]


def run(found: list[Sample] | None = None, *, folder: Path = Path("runs/one"), **changes: Any) -> Record:
    found = samples(*[20] * 300) if found is None else found
    return Record(folder, facts(**changes), sorted(found, key=lambda sample: sample.start + sample.ms / 1000))


def facts(**changes: Any) -> dict[str, Any]:
    return {
        **{"profile": "brief", "begin": BEGIN, "end": BEGIN + SECONDS, "users": 100, "warm_up_seconds": 10},
        **{"measured_begin": BEGIN + 10, "measured_end": BEGIN + SECONDS, "warm_up_reached": True},
        "phases": [{"name": name, "at": at} for name, at in (("ramp", 0.0), ("warmup", 5.0), ("measured", 10.0))],
        **{"judged_phases": ["measured"], "clock_drift_ms": 0.1, "script_errors": [], "faults": []},
        "cpu": {"generator": 30.0, "server": 60.0, "foreign_share": 5.0},
        **{"server_cpu_seconds": 3.0, "expected_build": "abc", "health": {"environment": "load", "status": "ok"}},
        "build": {"build": "abc", "debug": "off", "profiler": "off", "toolbar": "off"},
        "server": {"pid": 1, "commit": "c0ffee", "expected_commit": "c0ffee"},
        "counters": {"before": counted(), "after": counted(requests=300, statements=150, hits=280, misses=20)},
        "parameters": {"users": 100, "time": 50},
    } | changes


def counted(*, route: str = "/api/v1/users/me", requests=0, statements=0, hits=0, misses=0) -> dict[str, float]:
    place = f'method="GET",route="{route}"'
    return {
        f'darezone_request_seconds_count{{{place},status="200"}}': requests,
        f"darezone_sql_statements_total{{{place}}}": statements,
        f"darezone_sql_seconds_total{{{place}}}": statements / 1000,
        'darezone_cache_hits_total{kind="profile"}': hits,
        'darezone_cache_misses_total{kind="profile"}': misses,
        'darezone_db_pool_waits_total{database="default"}': requests / 100,
        'darezone_db_pool_wait_seconds_total{database="default"}': requests / 1000,
    }
