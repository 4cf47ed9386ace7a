"""Requests made up from the OpenAPI document, against a production-like server of its own.

Starts PostgreSQL and Valkey (in .local/fuzz), seeds the demo data, starts what bin/serve starts with ENVIRONMENT=load,
and lets schemathesis ask every operation as nobody, as a member, as the manager of challenges, as an outsider and as
staff; "everybody" mixes them in one run. No answer may be a 5xx, have a status, a content type or headers that the
document does not declare, a body that does not fit its schema, or pass a request that lacks its token. Then the stored
counters are audited.

exit codes: 0 nothing found; 1 something found, printed with a curl line; 2 nothing was tried, or the audit failed.
"""

import argparse
import os
import sys
from pathlib import Path

import packages
import serve
from checkout import ROOT, help_parser, state
from fuzz_roles import CROWD, PEOPLE, ROLES, log_in, scene
from fuzz_run import Outcome, attack, document
from processes import exit_on_signals, run_in_front
from production_like import NOT_OURS, QUIET, prepare, seconds, server
from services import Services

CLEAN, FOUND, INVALID = 0, 1, 2


def main() -> None:
    options = parse()
    exit_on_signals()
    packages.enter()
    for name in NOT_OURS:
        os.environ.pop(name, None)
    folder = state("fuzz")
    with Services(folder) as services:
        environment = prepare("demo", services, options=options)
        with server(folder, environment, options=options) as started:
            outcomes = fuzz(started.url, environment, folder, options)
        broken = run_in_front([sys.executable, ROOT / "manage.py", "audit"], env=environment | QUIET)
    sys.exit(INVALID if broken or not all(one.cases for one in outcomes) else max(one.code for one in outcomes))


def parse() -> argparse.Namespace:
    parser = help_parser("bin/fuzz", __doc__)
    parser.add_argument("--time", type=seconds, default=60, help="for all roles together: 45, 45s, 8m (60s)")
    parser.add_argument("--role", choices=list(ROLES), action="append", help="one; may be repeated")
    parser.add_argument("--seed", type=int, default=1, help="of what is made up (1)")
    serve.add_size_options(parser)
    parser.set_defaults(fresh=True)  # what a run has changed or archived is of no use to the next
    return parser.parse_args()


def fuzz(url: str, environment: dict[str, str], folder: Path, options: argparse.Namespace) -> list[Outcome]:
    """One role after the other, each in a scene of its own. All log in first: wrong passwords are tried later."""
    wanted = {name: ROLES[name] for name in options.role or list(ROLES)[:-1]}
    tokens = {email: log_in(url, email)["access_token"] for email in (*PEOPLE.values(), *CROWD)}
    document(folder, environment)
    outcomes = []
    for name, emails in wanted.items():
        bound = ("--max-time", options.time // len(wanted))
        facts = {"known": scene(url, tokens), "bound": bound, "seed": options.seed}
        outcomes.append(attack(url, folder, name=name, tokens=[tokens[email] for email in emails], **facts))
        print(outcomes[-1], flush=True)
    return outcomes


if __name__ == "__main__":
    main()
