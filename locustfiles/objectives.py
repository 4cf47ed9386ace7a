"""objectives.toml as values: for a profile and a route, what must hold."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from apps.profiling.budgets import ROUTES

FILE = Path(__file__).with_suffix(".toml")
PERCENTS = {"p50_ms": 50, "p95_ms": 95, "p99_ms": 99}
Limits = dict[str, float]  # of the keys above


class Route(NamedTuple):
    gate: Limits
    target: Limits
    sql: float | None = None
    minimum: int = 0
    once_at_start: bool = False

    def limits(self, level: str) -> Limits:
        return self.gate if level == "gate" else self.target


class Objectives(NamedTuple):
    """Of one profile. `general` are the limits by level and kind, read or write."""

    profile: str
    run: dict[str, Any]
    general: dict[str, dict[str, Limits]]
    declared: dict[str, dict[str, Any]]
    sql: dict[str, float]
    hit_ratio: float | None = None
    faults: dict[str, float] = {}
    documented_percent: float = 0

    def route(self, name: str) -> Route:
        kind = "read" if name.startswith("GET ") else "write"
        limits = {level: self.general[level][kind] for level in ("gate", "target")}
        return Route(**limits | {"sql": self.sql.get(plain(name))} | self.declared.get(name, {}))

    def empty_cache(self, name: str) -> float:
        """Statements a request."""
        return self.sql.get(plain(name), 0)

    def allowed_percent(self, fault: str) -> float:
        return self.faults.get(fault, self.documented_percent)


def read(profile: str, path: Path = FILE) -> Objectives:
    """A profile that the file does not name has the general limits."""
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    own = dict(said.get("profiles", {}).get(profile, {}))
    sql = ceilings() | {plain(name): most for name, most in said.get("sql", {}).items()}
    return Objectives(profile, said["run"], said["limits"], own.pop("routes", {}), sql, **own)


def ceilings() -> dict[str, float]:
    """The query budgets of an empty cache, by method and whole path."""
    whole = {key: key[1] if key[1].startswith("/") else f"/api/v1/{key[1]}" for key in ROUTES}
    return {plain(f"{method} {whole[method, path]}"): budget.cold for (method, path), budget in ROUTES.items()}


def plain(route: str) -> str:
    """The server's /checkins/<checkin_id> and a load script's /checkins/{id} are the same route."""
    return re.sub(r"[<{][^>}]*[>}]", "{}", route)
