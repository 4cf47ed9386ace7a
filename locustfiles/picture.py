"""A small picture, and the form that carries it."""

BOUNDARY = "darezone-load"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(20_000)
BODY = b"\r\n".join(
    [
        b"--darezone-load",
        b'Content-Disposition: form-data; name="file"; filename="me.png"',
        b"Content-Type: image/png",
        b"",
        PNG,
        b"--darezone-load--",
        b"",
    ]
)
