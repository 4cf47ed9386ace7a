import json
import random
from pathlib import Path

import pytest

from locustfiles import compare, record
from locustfiles.tests import runs


def run(middle: float, seed: int, folder=Path("runs/one"), **changes):
    draw = random.Random(seed)
    return runs.run(runs.samples(*(middle + draw.expovariate(0.2) for _ in range(600))), folder=folder, **changes)


def words(first, second) -> list[str]:
    return [change.word for change in compare.compared(first, second)]


class TestCompare:
    def test_it_works(self):
        assert words([run(10, 1)], [run(20, 2)]) == ["slower", "slower"]

    def test_what_is_faster_is_no_regression(self):
        assert words([run(20, 1)], [run(10, 2)]) == ["faster", "faster"]

    def test_noise_is_not_called_a_regression(self):
        """Ten pairs of runs of the same server."""
        wrong = sum(word != "same" for seed in range(10) for word in words([run(10, seed)], [run(10, 1_000 + seed)]))
        assert wrong <= 1

    def test_a_difference_that_nobody_feels_is_none(self):
        assert words([run(10, 1)], [run(10.4, 1)]) == ["same", "same"]

    def test_a_machine_that_changes_between_runs_is_no_difference(self):
        """ABBA: it became slower meanwhile, and one run of the one side is as slow as the other side."""
        assert words([run(10, 1), run(30, 2)], [run(18, 3), run(26, 4)]) == ["same", "same"]
        assert words([run(10, 1), run(14, 2)], [run(12, 3), run(30, 4)]) == ["same", "same"]

    def test_each_run_of_one_side_beyond_each_of_the_other(self):
        """They differ less than the runs of one side do, and still say something."""
        assert words([run(10, 1), run(16, 2)], [run(20, 3), run(26, 4)]) == ["slower", "slower"]
        assert words([run(20, 3), run(26, 4)], [run(10, 1), run(16, 2)]) == ["faster", "faster"]

    @pytest.mark.parametrize(("runs", "one_of"), [(2, 6), (4, 70)])
    def test_how_often_a_noisy_machine_separates_equal_sides(self, runs, one_of):
        dice = random.Random(3)
        draws = [[[dice.gauss() for _ in range(runs)] for _ in range(2)] for _ in range(20_000)]
        found = [compare.between(*sides) for sides in draws]
        for wrong in (sum(gap > 0 for gap in found), sum(gap < 0 for gap in found)):
            assert wrong == pytest.approx(20_000 / one_of, rel=0.2)

    def test_routes_with_few_requests_are_left_out(self):
        few = runs.run(runs.samples(*[10] * 19))
        assert compare.compared([few], [few]) == []


class TestProgram:
    @pytest.fixture
    def folders(self, tmp_path):
        for name, middle in (("one", 10), ("two", 30)):
            made = run(middle, 1, folder=tmp_path / name)
            record.write(made.folder, made.facts, made.samples)
        return [str(tmp_path / "one"), str(tmp_path / "two")]

    def test_a_regression_is_an_exit_code(self, folders, tmp_path, capsys):
        assert compare.main([*folders, "--json", str(tmp_path / "out.json")]) == 1
        assert [row["word"] for row in json.loads((tmp_path / "out.json").read_text())] == ["slower", "slower"]
        assert "2 of 2 are slower" in capsys.readouterr().out

    def test_no_regression_is_one_too(self, folders, capsys):
        assert compare.main(folders[::-1]) == 0

    def test_no_run_is_invalid(self, folders, tmp_path, capsys):
        assert compare.main([folders[0], str(tmp_path)]) == 2

    def test_profiles_do_not_mix(self, capsys):
        assert compare.told([run(10, 1)], [run(10, 1, profile="mixed")], names=["a", "b"]) == 2

    def test_on_a_busy_machine_slower_says_nothing(self, capsys):
        busy = run(30, 1, cpu={"foreign_share": 60.0})
        assert compare.told([run(10, 1)], [busy], names=["a", "b"]) == 2
        assert "other work took 60 % of the machine" in capsys.readouterr().out

    def test_runs_in_turn_know_how_far_the_noise_goes(self, capsys):
        busy = [run(30, seed, cpu={"foreign_share": 60.0}) for seed in (3, 4)]
        assert compare.told([run(10, 1), run(10, 2)], busy, names=["a", "b"]) == 1

    def test_runs_of_different_size_are_told(self, capsys):
        large = run(30, 1, parameters={"users": 900})
        assert compare.told([run(10, 1)], [large], names=["a", "b"]) == 2
        assert "users differ: 100 and 900" in capsys.readouterr().out
