"""The password hash is compiled where the CPU and the machine allow it, and the wheel is there wherever that fails."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from darezone.tests import deployment  # noqa: F401 - it makes the modules of bin/lib known

import compiled_hash  # isort: skip

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
V3 = "flags\t\t: fpu sse2 movbe xsave avx f16c abm fma bmi1 avx2 bmi2 rdseed"


class TestLevel:
    @pytest.mark.parametrize(
        ("told", "is_of_it"),
        [
            (f"model name\t: AMD EPYC\n{V3}\n", True),
            (V3.replace(" avx2", ""), False),
            ("Features\t: fp asimd evtstrm aes pmull sha1", False),
            ("", False),
        ],
    )
    def test_the_cpu_tells(self, told, is_of_it, tmp_path, monkeypatch):
        monkeypatch.setattr(compiled_hash, "CPU_INFO", tmp_path / "cpuinfo")
        (tmp_path / "cpuinfo").write_text(told)
        assert compiled_hash.has_level() is is_of_it

    def test_a_system_that_does_not_tell_keeps_the_wheel(self, tmp_path, monkeypatch):
        monkeypatch.setattr(compiled_hash, "CPU_INFO", tmp_path / "none")
        assert compiled_hash.level() == ""

    def test_so_does_one_without_a_compiler(self, monkeypatch):
        monkeypatch.setattr(sysconfig, "get_config_var", {"CC": "no-such-compiler -pthread"}.get)
        assert compiled_hash.level() == ""


class TestInstall:
    def ran(self, *codes: int) -> tuple[bool, list[tuple]]:
        """Whether it says compiled, and the commands, when they end with these codes."""
        commands, ends = [], iter(codes)

        def run(*command, **_options):
            commands.append(command)
            return next(ends)

        return compiled_hash.install(Path("python"), REQUIREMENTS, run), commands

    def test_it_compiles_the_pinned_release_and_proves_it(self):
        is_compiled, (build, proof) = self.ran(0, 0)
        assert is_compiled
        assert build[-3:] == ("argon2-cffi-bindings==25.1.0", "--no-binary", "argon2-cffi-bindings")
        assert compiled_hash.PROOF in proof

    def test_what_does_not_compile_leaves_the_wheel(self):
        is_compiled, commands = self.ran(1)
        assert not is_compiled
        assert len(commands) == 1  # pip takes the old one away only once the new one is built

    def test_what_computes_something_else_makes_room_for_the_wheel_again(self):
        is_compiled, commands = self.ran(0, 1, 0)
        assert not is_compiled
        assert "--only-binary" in commands[-1]


class TestProof:
    def test_the_library_of_these_tests_is_argon2(self):
        subprocess.run([sys.executable, "-c", compiled_hash.PROOF], check=True)

    def test_another_answer_is_refused(self):
        other = compiled_hash.PROOF.replace("09316115", "19316115")
        assert subprocess.run([sys.executable, "-c", other], capture_output=True, check=False).returncode
