"""The search for the capacity, without people: what a step measured is given."""

from types import SimpleNamespace

import pytest

from locustfiles import climb, knee, objectives
from locustfiles.record import Sample

ROUTE = "GET /api/v1/users/me"


class Machine:
    """Answers in `ms` up to `limit` people, and slower beyond it. Its clock moves when told."""

    def __init__(self, limit: int, **wanted):
        self.limit, self.clock = limit, 0.0
        self.gate = SimpleNamespace(samples=[], facts={}, objectives=objectives.read("capacity"), phases=[])
        self.gate.enter, self.gate.cut_warm_up = self.gate.phases.append, lambda: None
        self.flaky, self.in_at = False, 0.0
        self.climb = climb.Climb(
            self.gate,
            {"users": 10, "step": 10, "most": 50} | wanted,
            are_in=lambda people: self.clock >= self.in_at,
            now=lambda: self.clock,
        )

    def run(self) -> list[tuple[int, bool]]:
        while self.climb.tick():
            self.clock += 1
            if self.climb.began_at is not None:
                self.gate.samples.append(Sample(self.clock, ROUTE, self.ms(), 200, "", self.climb.phase))
        return [(step.users, not step.breaches) for step in self.climb.steps]

    def ms(self) -> float:
        if self.flaky and self.climb.phase == "20":
            return 500.0
        return 20.0 if self.climb.people <= self.limit else 500.0


class TestClimb:
    def test_it_works(self):
        machine = Machine(limit=30)
        assert machine.run() == [(10, True), (20, True), (30, True), (40, False), (40, False)]
        assert knee.of(machine.climb.steps).users == 30

    def test_the_table_is_that_of_the_knee(self):
        machine = Machine(limit=30)
        machine.run()
        assert machine.gate.judged_phases == ["30"]
        assert machine.gate.facts["users"] == 30

    def test_what_breaks_once_is_not_broken(self):
        machine = Machine(limit=30)
        machine.flaky = True
        assert machine.run()[:4] == [(10, True), (20, False), (20, True), (30, True)]

    def test_a_step_whose_people_are_not_let_in_is_broken(self):
        """They ask for nothing later, so that the step looks faster than it is."""
        machine = Machine(limit=1000)
        enter = machine.gate.enter

        def refused_beyond_30(phase):
            if machine.climb.people > 30:
                machine.gate.samples.append(Sample(machine.clock, "POST /api/v1/auth/login", 20.0, 401, "401", "ramp"))
            enter(phase)

        machine.gate.enter = refused_beyond_30
        assert machine.run() == [(10, True), (20, True), (30, True), (40, False), (40, False)]
        assert machine.climb.steps[3].breaches == ["POST /api/v1/auth/login: 1 failed while people came"]

    def test_it_ends_where_it_was_told_to(self):
        machine = Machine(limit=1000)
        assert machine.run() == [(people, True) for people in (10, 20, 30, 40, 50)]
        assert knee.sentence(machine.climb.steps).endswith("No more were tried.")

    def test_nothing_held(self):
        machine = Machine(limit=5)
        assert machine.run() == [(10, False), (10, False)]
        assert machine.gate.judged_phases == []
        assert knee.sentence(machine.climb.steps) == "No step held its objectives."

    def test_nobody_is_measured_before_everybody_had_a_turn_to_log_in(self):
        machine = Machine(limit=30)
        machine.in_at = 60.0
        for second in range(64):
            machine.clock = float(second)
            machine.climb.tick()
        assert machine.gate.phases == []
        machine.clock = 64.0
        machine.climb.tick()
        assert machine.gate.phases == ["10"]

    def test_people_settle_before_they_are_measured(self):
        machine = Machine(limit=30)
        machine.climb.tick()
        machine.clock = climb.SETTLE - 0.1
        machine.climb.tick()
        assert machine.gate.phases == []
        machine.clock = climb.SETTLE
        machine.climb.tick()
        assert machine.gate.phases == ["10"]

    def test_refusals_beyond_the_knee_are_excused(self):
        machine = Machine(limit=30)
        machine.run()
        first, second = machine.gate.facts["faults"]
        assert (first["name"], second["name"]) == ("40 people", "40 again people")
        assert first["end"] == second["begin"] < second["end"]


class TestKnee:
    def test_a_plot_shows_where_it_bends(self):
        held, broke = knee.Step("10", 10, 5.0, 20, []), knee.Step("20", 20, 9.0, 400, ["p95"])
        small, large = knee.plot([held, broke])
        assert small.count("█") == 2
        assert large.count("█") == knee.WIDTH
        assert large.endswith("broke")

    def test_set_up_is_no_load(self):
        samples = [Sample(0, ROUTE, 10.0, 200, "", "10"), Sample(0, f"setup: {ROUTE}", 900.0, 200, "", "10")]
        assert knee.measured("10", 10, samples, 2.0, []) == knee.Step("10", 10, 0.5, 10, [])

    @pytest.mark.parametrize("seconds", [0, -1])
    def test_a_step_without_time_has_no_rate(self, seconds):
        assert knee.measured("10", 10, [], max(seconds, 0), []).requests_per_second == 0.0
