"""Argon2 compiled for this machine's CPU.

The wheel is made for every x86 and leaves AVX2 alone; with it the same hash takes less than two thirds of the time. A
hash is most of a log-in. Where this CPU, this machine or the registry has not what it takes, the wheel stays as it is.
"""

import os
import shutil
import sysconfig
from collections.abc import Callable
from pathlib import Path

PACKAGE = "argon2-cffi-bindings"
LEVEL = "x86-64-v3"
# What the level adds (System V ABI for AMD64, 3.1.1), by the names of Linux. Sold since 2013.
FEATURES = {"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"}
CPU_INFO = Path("/proc/cpuinfo")

# The reference implementation's own test vector: a library that computes something else, or dies, is not kept.
PROOF = """
from argon2.low_level import Type, hash_secret_raw
found = hash_secret_raw(b"password", b"somesalt", 2, 65536, 1, 32, Type.ID).hex()
raise SystemExit(found != "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7")
"""


def level() -> str:
    """What could be compiled for: `x86-64-v3`, or nothing. Only Linux tells, and of other CPUs other features."""
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.exists() else []
    features = next((line for line in lines if line.startswith("flags")), "").split()
    return LEVEL if set(features) >= FEATURES else ""


def has_compiler() -> bool:
    return bool(shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]))


def install(python: Path, requirements: Path, run: Callable[..., int]) -> bool:
    """Put it in the wheel's place. False: the wheel is there."""
    if not has_compiler():
        return False
    pinned = next(line.split()[0] for line in requirements.read_text().splitlines() if line.startswith(PACKAGE))
    replace = [python, "-m", "pip", "install", "-qq", "--force-reinstall", "--no-deps", "--no-cache-dir"]
    replace += ["--disable-pip-version-check", pinned]
    flags = {"CFLAGS": f"-O3 -march={LEVEL}"}
    if run(*replace, "--no-binary", PACKAGE, env=os.environ | flags):
        return False
    if run(python, "-c", PROOF) == 0:
        return True
    if run(*replace, "--only-binary", PACKAGE):
        raise SystemExit(f"{pinned} could not be installed again")
    return False
