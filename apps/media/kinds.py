"""What may be uploaded: its bucket, how large it may be, and which types it may have (contract 5.4)."""

from collections.abc import Mapping
from typing import NamedTuple

from django.conf import settings

MB = 1024 * 1024
PICTURES = {"image/jpeg": "jpg", "image/jpg": "jpg", "image/png": "png", "image/webp": "webp"}
VIDEOS = {"video/mp4": "mp4", "video/quicktime": "mov", "video/x-msvideo": "avi", "video/avi": "avi"}


class Kind(NamedTuple):
    name: str
    noun: str
    bucket_setting: str
    limit_setting: str
    types: Mapping[str, str]
    """The extension of each type."""

    @property
    def bucket(self) -> str:
        return getattr(settings, self.bucket_setting)

    @property
    def limit_mb(self) -> int:
        return getattr(settings, self.limit_setting)

    @property
    def most(self) -> int:
        """Bytes; a file of so many is still accepted."""
        return self.limit_mb * MB


KINDS = {
    kind.name: kind
    for kind in (
        Kind("photo", "image", "STORAGE_BUCKET_PHOTOS", "MAX_UPLOAD_SIZE_MB", PICTURES),
        Kind("video", "video", "STORAGE_BUCKET_VIDEOS", "MAX_VIDEO_SIZE_MB", VIDEOS),
        Kind("avatar", "image", "STORAGE_BUCKET_AVATARS", "MAX_AVATAR_SIZE_MB", PICTURES),
    )
}


def buckets() -> set[str]:
    return {kind.bucket for kind in KINDS.values()}


def served_types() -> dict[str, str]:
    """By extension; of a type's two names the first."""
    return {extension: type for type, extension in reversed([*PICTURES.items(), *VIDEOS.items()])}
