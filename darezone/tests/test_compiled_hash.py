"""The password hash is compiled where the CPU and the machine allow it, and the wheel is there wherever that fails."""

import os
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
        ("told", "level"),
        [
            (f"model name\t: AMD EPYC\n{V3}\n", "x86-64-v3"),
            (V3.replace(" avx2", ""), ""),
            ("Features\t: fp asimd evtstrm aes pmull sha1", ""),
            ("", ""),
        ],
    )
    def test_the_cpu_tells(self, told, level, tmp_path, monkeypatch):
        monkeypatch.setattr(compiled_hash, "CPU_INFO", tmp_path / "cpuinfo")
        (tmp_path / "cpuinfo").write_text(told)
        assert compiled_hash.level() == level

    def test_a_system_that_does_not_tell_keeps_the_wheel(self, tmp_path, monkeypatch):
        monkeypatch.setattr(compiled_hash, "CPU_INFO", tmp_path / "none")
        assert compiled_hash.level() == ""


class TestInstall:
    @pytest.fixture(autouse=True)
    def compiler(self, monkeypatch):
        monkeypatch.setattr(sysconfig, "get_config_var", {"CC": "sh -pthread"}.get)

    def ran(self, *codes: int) -> tuple[bool, list[tuple]]:
        """Whether it says compiled, and the commands with their CFLAGS, when they end with these codes."""
        commands, ends = [], iter(codes)

        def run(*command, env=os.environ):
            commands.append((*command, env.get("CFLAGS")))
            return next(ends)

        return compiled_hash.install(Path("python"), REQUIREMENTS, run), commands

    def test_it_compiles_the_pinned_release_for_the_cpu_and_proves_it(self):
        is_compiled, (build, proof) = self.ran(0, 0)
        assert is_compiled
        package = "argon2-cffi-bindings"
        assert build[-4:] == (f"{package}==25.1.0", "--no-binary", package, "-O3 -march=x86-64-v3")
        assert compiled_hash.PROOF in proof

    def test_without_a_compiler_nothing_is_tried(self, monkeypatch):
        monkeypatch.setattr(sysconfig, "get_config_var", {"CC": "no-such-compiler -pthread"}.get)
        assert self.ran() == (False, [])

    def test_what_does_not_compile_leaves_the_wheel(self):
        is_compiled, commands = self.ran(1)
        assert not is_compiled
        assert len(commands) == 1  # pip takes the old one away only once the new one is built

    def test_what_computes_something_else_makes_room_for_the_wheel_again(self):
        is_compiled, commands = self.ran(0, 1, 0)
        assert not is_compiled
        assert "--only-binary" in commands[-1]

    def test_it_is_never_kept_even_when_there_is_no_wheel_any_more(self):
        with pytest.raises(SystemExit, match="could not be installed"):
            self.ran(0, 1, 1)


class TestProof:
    def test_the_library_of_these_tests_is_argon2(self):
        subprocess.run([sys.executable, "-c", compiled_hash.PROOF], check=True)

    def test_another_answer_is_refused(self):
        other = compiled_hash.PROOF.replace("09316115", "19316115")
        assert subprocess.run([sys.executable, "-c", other], capture_output=True, check=False).returncode
