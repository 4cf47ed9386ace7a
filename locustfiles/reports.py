"""Every report of a run, from its folder. As a program it judges a folder again, without a load test:

python -m locustfiles.reports FOLDER [--strict]
"""

import argparse
import sys
from pathlib import Path

from locustfiles import objectives, record, report_files, report_page, report_table
from locustfiles.objectives import Objectives
from locustfiles.record import Record
from locustfiles.verdict import Verdict, judge


def publish(run: Record, wanted: Objectives, verdict: Verdict) -> None:
    report_files.write(run, wanted, verdict)
    (run.folder / "report.html").write_text(report_page.page(run, wanted, verdict), encoding="utf-8")
    report_table.show(run, wanted, verdict)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m locustfiles.reports", description="Judge a finished run again.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--strict", action="store_true", help="our own targets decide too")
    options = parser.parse_args()
    run = record.read(options.folder)
    wanted = objectives.read(run.facts["profile"], Path(run.facts.get("objectives") or objectives.FILE))
    verdict = judge(run, wanted, strict=options.strict or bool(run.facts.get("strict")))
    publish(run, wanted, verdict)
    return verdict.code


if __name__ == "__main__":
    sys.exit(main())
