"""The result of a run for machines: report.json, report.csv and junit.xml."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

from locustfiles import rows
from locustfiles.checks import MET, NOTE, TARGET, VALID, Check
from locustfiles.objectives import Objectives
from locustfiles.record import Record
from locustfiles.report_table import errors
from locustfiles.verdict import Verdict


def write(record: Record, objectives: Objectives, verdict: Verdict) -> None:
    found = rows.of(record, objectives, verdict)
    write_json(record.folder / "report.json", record, found, verdict)
    write_csv(record.folder / "report.csv", found)
    write_junit(record.folder / "junit.xml", objectives.profile, verdict)


def write_json(file: Path, record: Record, found: list[rows.Row], verdict: Verdict) -> None:
    result = {
        **{"profile": record.facts["profile"], "verdict": verdict.word.lower(), "exit_code": verdict.code},
        **{"strict": verdict.strict, "reasons": verdict.reasons, "headline": rows.headline(record)},
        "routes": [row._asdict() for row in found],
        "checks": [check._asdict() for check in verdict.checks],
        "errors": [
            {"route": route, "problem": problem, "count": count}
            for (route, problem), count in errors(record).most_common()
        ],
    }
    file.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def write_csv(file: Path, found: list[rows.Row]) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        lines = csv.writer(opened)
        lines.writerow(rows.Row._fields)
        lines.writerows(found)


def write_junit(file: Path, profile: str, verdict: Verdict) -> None:
    """A case for each thing that was asked: a doubt is an error, a miss a failure. A target that was missed fails only
    where it decides."""
    suite = ElementTree.Element("testsuite", name=f"loadtest {profile}", tests=str(len(verdict.checks)))
    counted = {"failure": 0, "error": 0, "skipped": 0}
    for check in verdict.checks:
        name = f"{check.what}, {check.level}" + ("" if check.limit is None else f" {check.limit}")
        case = ElementTree.SubElement(suite, "testcase", classname=f"loadtest.{profile}.{check.about}", name=name)
        if kind := outcome(check, verdict.strict):
            counted[kind] += 1
            ElementTree.SubElement(case, kind, message=check.sentence)
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(counted[kind]))
    ElementTree.ElementTree(suite).write(file, encoding="utf-8", xml_declaration=True)


def outcome(check: Check, strict: bool) -> str:
    if check.state == MET:
        return ""
    if check.level == NOTE or check.level == TARGET and not strict:
        return "skipped"
    return "failure" if check.state == "missed" and check.level != VALID else "error"
