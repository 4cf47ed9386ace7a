"""Known vulnerabilities of the packages that requirements.txt pins, as pip-audit finds them.

Asks PyPI's advisories, and OSV where PyPI does not answer; both are needed from the internet. pip-audit lives in an
environment of its own, .local/audit-packages, beside the packages that it judges.

exit codes: 0 every package was asked about and none is known to be vulnerable; 1 a vulnerability, listed; 2 nothing is
known: the services were out of reach, or knew only some of the packages.
"""

import json
import subprocess
import sys
from pathlib import Path

import packages
from checkout import help_parser, state
from processes import exit_on_signals

PIP_AUDIT = "pip-audit==2.10.1"
SERVICES = {"pypi": "PyPI", "osv": "OSV"}
CLEAN, VULNERABLE, UNKNOWN = 0, 1, 2
PATIENCE = 120


def main() -> None:
    help_parser("bin/audit-packages", __doc__).parse_args()
    exit_on_signals()
    tool = installed(state("audit-packages"))
    for service in SERVICES:
        found = ask(tool, service)
        if found is not None and (code := judge(found, service)) != UNKNOWN:
            sys.exit(code)
    print("bin/audit-packages: NOT CHECKED: no service told about every package; try again where both are reachable")
    sys.exit(UNKNOWN)


def installed(folder: Path) -> Path:
    tool = folder / PIP_AUDIT.replace("==", "-") / "bin" / "pip-audit"
    if not tool.exists():
        home = tool.parents[1]
        commands = [
            [sys.executable, "-m", "venv", "--clear", home],
            [home / "bin" / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check", PIP_AUDIT],
        ]
        for command in commands:
            if subprocess.run(command, check=False).returncode:
                print("bin/audit-packages: NOT CHECKED: pip-audit could not be installed", file=sys.stderr)
                sys.exit(UNKNOWN)
    return tool


def ask(tool: Path, service: str) -> list[dict] | None:
    """By package what is known; None when the service did not answer."""
    command = [tool, "--requirement", packages.REQUIREMENTS, "--no-deps", "--disable-pip", "--format", "json"]
    command += ["--vulnerability-service", service, "--progress-spinner", "off", "--timeout", "15"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError, subprocess.TimeoutExpired):
        print(f"bin/audit-packages: {SERVICES[service]} cannot be reached from here", file=sys.stderr)
        return None


def judge(found: list[dict], service: str) -> int:
    """A package that is skipped is one the service knows nothing about, which is not the same as none."""
    skipped = [one["name"] for one in found if "skip_reason" in one]
    vulnerable = [one for one in found if one.get("vulns")]
    for one in vulnerable:
        for flaw in one["vulns"]:
            fixed = ", ".join(flaw["fix_versions"]) or "nothing yet"
            print(f"{one['name']} {one['version']}: {flaw['id']}, fixed in {fixed}: {flaw['description'][:200]}")
    print(f"bin/audit-packages: {SERVICES[service]}: {len(found) - len(skipped)} of {len(found)} packages asked about")
    if vulnerable:
        return VULNERABLE
    return UNKNOWN if skipped or not found else CLEAN


if __name__ == "__main__":
    main()
