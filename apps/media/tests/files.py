"""Small files of each type, and the forms that carry them."""

from pathlib import Path
from typing import Any

from apps import testing

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x01" * 17
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x02" * 20
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x03" * 20
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x04" * 20
MOV = b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  " + b"\x05" * 20
AVI = b"RIFF\x24\x00\x00\x00AVI LIST" + b"\x06" * 20
BOUNDARY = "x---of-a-test---x"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
PHOTO = "/media/upload?type=photo"
FILE = 'name="file"; filename="a.png"'
# The one that a file is given, without its extension.
NAME = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


def part(content: bytes, type: str | None = "image/png", disposition: str = FILE) -> bytes:
    kind = f"\r\nContent-Type: {type}" if type else ""
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}{kind}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def send(api: testing.Api, body: bytes, path: str = PHOTO, **options: Any):
    return api.raw("POST", path, body, content_type=FORM, **options)


def upload(api: testing.Api, content: bytes = PNG, type: str = "image/png", *, kind: str = "photo", name: str = FILE):
    """What one is answered who uploads a file."""
    return send(api, form(part(content, type, name)), f"/media/upload?type={kind}")


def uploaded(api: testing.Api, *args: Any, **options: Any) -> dict[str, Any]:
    answer = upload(api, *args, **options)
    assert answer.status_code == 200, answer.content
    return answer.json()


def files_in(folder: Path) -> list[Path]:
    """All of them, those on their way included."""
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
