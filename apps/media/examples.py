"""Examples of the OpenAPI document."""

OWNER = "019b8d22-1c00-7e0a-8f7a-2d3b4c5d6e01"
PATH = f"{OWNER}/7c4b1f0e-5b7e-4a52-9d0c-3f1f6b2a90f1.png"
UPLOAD = {
    "success": True,
    "url": f"https://api.example.com/media/darezone-photos/{PATH}",
    "filename": PATH,
    "size": 48211,
    "type": "photo",
    "bucket": "darezone-photos",
}
DELETED = {"success": True, "message": "File deleted.", "bucket": "darezone-photos", "path": PATH}
REFUSED = [
    {"detail": "The file is empty.", "code": "empty_file"},
    {
        "detail": "File too large: the limit is 10 MB.",
        "code": "file_too_large",
        "max_size_mb": 10,
        "actual_size_mb": 11.2,
    },
    {
        "detail": "Invalid image type.",
        "code": "invalid_file_type",
        "allowed_types": ["image/jpeg", "image/jpg", "image/png", "image/webp"],
        "received": "text/html",
    },
]
