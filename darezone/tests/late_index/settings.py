"""Ours, and one more app: its table gets an index after its first release."""

from darezone.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "darezone.tests.late_index"]  # noqa: F405
