"""Settings of uploaded files: docs/media.md."""

from pathlib import Path
from typing import Any

from darezone import env

MB = 1024 * 1024


def configuration(base: Path, largest_json: int) -> dict[str, Any]:
    limits = {
        "MAX_UPLOAD_SIZE_MB": env.integer("MAX_UPLOAD_SIZE_MB", 10, low=1, high=1024),
        "MAX_VIDEO_SIZE_MB": env.integer("MAX_VIDEO_SIZE_MB", 50, low=1, high=1024),
        "MAX_AVATAR_SIZE_MB": env.integer("MAX_AVATAR_SIZE_MB", 5, low=1, high=1024),
    }
    return limits | {
        "STORAGE_BUCKET_PHOTOS": env.text("STORAGE_BUCKET_PHOTOS", "darezone-photos"),
        "STORAGE_BUCKET_VIDEOS": env.text("STORAGE_BUCKET_VIDEOS", "darezone-videos"),
        "STORAGE_BUCKET_AVATARS": env.text("STORAGE_BUCKET_AVATARS", "darezone-avatars"),
        "MEDIA_ROOT": str(base / env.text("MEDIA_ROOT", "media/")),
        "MEDIA_URL": "/media/",
        "STORAGES": {
            "default": {"BACKEND": "apps.media.storage.FileStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        # Of any request: the largest file, with a megabyte for the form around it.
        "LARGEST_BODY_BYTES": max(largest_json, (max(limits.values()) + 1) * MB),
    }
