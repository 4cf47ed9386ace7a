"""Races of processes are repeated as those of threads are."""

from apps.conftest import pytest_generate_tests

__all__ = ["pytest_generate_tests"]
