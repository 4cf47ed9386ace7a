"""docs/hard-cases.md is what the tests are."""

from io import StringIO

from django.core.management import call_command

from apps.profiling import hard_cases
from apps.profiling.hard_cases import NOT_YET, cases


class TestDocument:
    def test_it_names_every_test_and_no_other(self):
        written = hard_cases.written()
        assert hard_cases.DOCUMENT.read_text() == written, "bin/manage hard_cases --write brings it up to date"

    def test_each_case_has_tests_or_a_reason(self):
        found = hard_cases.tests()
        bare = [case.number for case in cases() if case.number not in found and not case.is_open]
        assert bare == [], f"without a test these say '{NOT_YET}' and why"

    def test_no_test_has_a_number_that_is_no_case(self):
        assert set(hard_cases.tests()) <= {case.number for case in cases()}

    def test_it_has_every_case(self):
        assert [case.number for case in cases()] == [*range(1, 28), *range(30, 41), *range(50, 63)]

    def test_the_command_prints_it(self):
        said = StringIO()
        call_command("hard_cases", stdout=said)
        assert "apps/checkins/tests/test_races.py::" in said.getvalue()
        assert f"of {len(cases())} cases have tests." in said.getvalue()
