from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    """Of the uploads of one test."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"
