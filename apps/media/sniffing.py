"""The type of a file by what stands in it, whatever it is called. Of a few types, because each one more that is known
is one more that may be mistaken for a picture."""

UNKNOWN = "application/octet-stream"
HEAD = 12
"""Bytes that are looked at."""
MP4_BRANDS = {
    *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9"),
    *(b"mp41", b"mp42", b"mp71", b"mmp4", b"avc1", b"dash", b"MSNV", b"M4V ", b"M4VH", b"M4VP"),
}
# Of QuickTime files that are older than the box that names the brand.
OLD_QUICKTIME = {b"moov", b"mdat", b"wide"}


def sniff(head: bytes) -> str:
    """A media type as `Kind.types` names it, or UNKNOWN."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}.get(head[8:12], UNKNOWN)
    return _of_boxes(head[4:8], head[8:12])


def _of_boxes(box: bytes, brand: bytes) -> str:
    """MP4 and QuickTime are boxes, each with its name behind its length; pictures and sound are made of them, too."""
    if box in OLD_QUICKTIME or (box, brand) == (b"ftyp", b"qt  "):
        return "video/quicktime"
    return "video/mp4" if box == b"ftyp" and brand in MP4_BRANDS else UNKNOWN
