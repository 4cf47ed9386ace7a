import os
import subprocess
import sys
import time

from locustfiles import machine
from locustfiles.machine import Reading

BURN = """
import time
end = time.process_time() + 0.4
while time.process_time() < end: pass
print("done", flush=True)
input()
"""


def reading(clock: float, busy: float, ours: float | None, **parts: float | None) -> Reading:
    return Reading(clock, busy, ours, parts)


class TestSpent:
    def test_it_works(self):
        before = reading(100.0, 1000.0, 50.0, server=10.0, generator=1.0)
        after = reading(110.0, 1015.0, 62.0, server=16.0, generator=3.0)
        found = machine.spent(before, after)
        assert found["server"] == 60.0
        assert found["generator"] == 20.0
        assert found["foreign"] == 30.0
        assert found["foreign_share"] == round(30.0 / os.cpu_count(), 1)

    def test_what_is_not_known_is_said_so(self):
        found = machine.spent(reading(0.0, 0.0, None, server=None), reading(1.0, 1.0, None, server=1.0))
        assert (found["server"], found["foreign"], found["foreign_share"]) == (None, None, None)

    def test_a_service_that_was_restarted_has_no_number(self):
        assert (
            machine.spent(reading(0.0, 0.0, 0.0, database=9.0), reading(1.0, 1.0, 0.0, database=0.1))["database"]
            is None
        )

    def test_ticks_of_the_clock_never_make_less_than_nothing(self):
        assert machine.spent(reading(0.0, 5.0, 5.0), reading(1.0, 5.5, 5.6))["foreign"] == 0.0

    def test_no_time_no_numbers(self):
        assert machine.spent(reading(1.0, 0.0, 0.0), reading(1.0, 0.0, 0.0)) == {}


class TestFamily:
    def test_descendants_count_those_that_ended_too(self):
        """The shell waits for its first child, so that child's time is the shell's."""
        script = f'{sys.executable} -c "$0" </dev/null; {sys.executable} -c "$0"'
        family = subprocess.Popen(["sh", "-c", script, BURN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=-3)
        for _ in range(2):
            assert family.stdout.readline() == b"done\n"
        used = machine.family_seconds(family.pid)
        assert machine.family_megabytes(family.pid) > 1
        family.communicate(b"\n")
        assert used >= 0.7

    def test_nobody(self):
        assert machine.family_seconds(None) is None
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        assert machine.family_seconds(gone.pid) is None

    def test_the_machine_is_busy_with_us(self):
        before, own = machine.read({"runner_pid": os.getpid()}), time.process_time()
        while time.process_time() < own + 0.2:
            pass
        found = machine.spent(before, machine.read({"runner_pid": os.getpid()}))
        assert found["generator"] > 0
        assert found["machine"] > 0
        assert found["foreign"] is not None
