"""schemathesis as bin/fuzz runs it: its configuration, its command line, and what came of it."""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from checkout import ROOT
from processes import run_in_front

CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance"),
    *("response_schema_conformance", "unsupported_method", "allow_header_conformance"),
)
HOOKS = Path(__file__).with_name("fuzz_hooks.py")
# It would end the session of everybody who asks after it.
LEFT_OUT = "/api/v1/auth/logout"
# Of ten requests that name something, seven name something that exists.
PROBABILITY = 0.7
BODIES = {"invite_code": "invite_code", "challenge_id": "challenge_id", "habit_id": "habit_id"}


class Outcome(NamedTuple):
    name: str
    code: int
    cases: int
    operations: int
    statuses: dict[str, int]

    def __str__(self) -> str:
        found = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        verdict = "nothing found" if self.code == 0 else "FAILURES, see above"
        return f"bin/fuzz: {self.name}: {self.cases} requests to {self.operations} operations ({found}): {verdict}"


def document(folder: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, ROOT / "manage.py", "spectacular", "--format", "openapi-json"]
    if run_in_front([*command, "--file", folder / "openapi.json"], env=environment):
        raise SystemExit("the OpenAPI document could not be made")


def attack(
    url: str, folder: Path, *, name: str, tokens: list[str], known: dict[str, list[str]], bound: tuple, seed: int
) -> Outcome:
    """As the bearer of one token, as nobody without any, or with several as each of them and nobody in turns.

    `bound` ends the run: an option of schemathesis and its value."""
    configured, log = folder / "schemathesis.toml", folder / f"fuzz-{name}.ndjson"
    configured.write_text(configuration(known))
    one = [f"Authorization: Bearer {token}" for token in tokens] if len(tokens) == 1 else []
    in_turns = " ".join(tokens) if len(tokens) > 1 else ""
    hooks = {"SCHEMATHESIS_HOOKS": str(HOOKS), "DAREZONE_FUZZ_TOKENS": in_turns}
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", configured),
        *("run", folder / "openapi.json", "--url", url, *bound, "--seed", seed),
        # Who sends a token tries each request without it, too.
        *("--checks", ",".join((*CHECKS, "ignored_auth") if one else CHECKS), "--exclude-path", LEFT_OUT),
        *("--phases", "coverage,fuzzing,stateful", "--generation-database", "none", "--request-timeout", "20"),
        *("--generation-with-security-parameters", "false"),
        *("--suppress-health-check", "all", "--warnings", "off", "--no-color", "--report-ndjson-path", log),
        *(part for header in one for part in ("--header", header)),
    ]
    return outcome(name, run_in_front(command, env=os.environ | {"PYTHONWARNINGS": "ignore"} | hooks), log)


def configuration(known: dict[str, list[str]]) -> str:
    """Dictionaries of ids that exist, for the parameters of their names. Nothing is kept for the next run."""
    lines = ["[cache]", "enabled = false", ""]
    for key, values in known.items():
        lines += [f"[dictionaries.{key}]", f"values = {json.dumps(values)}", ""]
    lines += ["[parameters]"]
    places = [(key, key) for key in known] + [(f"body.{field}", key) for field, key in BODIES.items()]
    lines += [f'"{place}" = {{ dictionary = "{key}", probability = {PROBABILITY} }}' for place, key in places]
    return "\n".join(lines) + "\n"


def outcome(name: str, code: int, log: Path) -> Outcome:
    """What was asked and answered, counted from the events of the run."""
    asked: Counter = Counter()
    for line in log.read_text().splitlines() if log.exists() else []:
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for interaction in recorder.get("interactions", {}).values():
            asked[recorder["label"], (interaction["response"] or {}).get("status_code", "none")] += 1
    statuses: Counter = Counter()
    for (_, status), count in asked.items():
        statuses[str(status)] += count
    return Outcome(name, code, asked.total(), len({label for label, _ in asked}), dict(statuses))
