"""What bin/audit-packages makes of pip-audit's answers."""

import pytest

from darezone.tests import deployment  # noqa: F401 - it makes the modules of bin/lib known

import audit_packages  # isort: skip

CLEAN = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "Dependency not found on PyPI"}
FLAW = {"id": "PYSEC-1", "fix_versions": ["2"], "description": "Runs what it reads."}
VULNERABLE = {"name": "c", "version": "1", "vulns": [FLAW]}


class TestJudge:
    @pytest.mark.parametrize(
        ("found", "code"),
        [
            ([CLEAN], 0),
            ([CLEAN, VULNERABLE], 1),
            ([SKIPPED, VULNERABLE], 1),
            ([CLEAN, SKIPPED], 2),
            ([SKIPPED], 2),
            ([], 2),
        ],
    )
    def test_only_an_answer_about_every_package_is_good(self, found, code):
        assert audit_packages.judge(found, "pypi") == code

    def test_it_says_what_is_vulnerable(self, capsys):
        audit_packages.judge([VULNERABLE], "pypi")
        assert "c 1: PYSEC-1, fixed in 2: Runs what it reads." in capsys.readouterr().out
