"""What the checks of the settings find."""

from darezone import checks


def codes() -> set[str]:
    return {error.id.removeprefix("darezone.") for error in checks.check_settings()}
