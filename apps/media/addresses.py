"""The public address of a stored file, and back."""

from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest

from apps.media.errors import not_a_storage_url


class Place(NamedTuple):
    bucket: str
    owner: str
    file: str

    @property
    def path(self) -> str:
        """As clients know it: inside its bucket."""
        return f"{self.owner}/{self.file}"

    @property
    def name(self) -> str:
        """As the storage knows it."""
        return f"{self.bucket}/{self.path}"


def root_of(request: HttpRequest) -> str:
    """What every address begins with."""
    origin = settings.PUBLIC_BASE_URL or f"{request.scheme}://{request.get_host()}"
    return urljoin(origin, default_storage.url(""))


def place_of(url: str, root: str) -> Place:
    """Raises `not_a_storage_url`. The path is decoded once and then is what it says: nothing in it leads elsewhere."""
    try:
        asked, ours = urlsplit(url), urlsplit(root)
    except ValueError:
        raise not_a_storage_url() from None
    is_ours = (asked.scheme, asked.netloc.lower()) == (ours.scheme, ours.netloc.lower())
    path = unquote(asked.path)
    segments = path.removeprefix(ours.path).split("/")
    is_whole = path.startswith(ours.path) and len(segments) == 3 and not {"", ".", ".."} & set(segments)
    if not (is_ours and is_whole) or "?" in url or "#" in url:
        raise not_a_storage_url()
    return Place(*segments)
