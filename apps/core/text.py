"""What text a client may send (contract 1.3)."""

import re
import unicodedata

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
CONTROLS_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SURROGATES = re.compile(r"[\ud800-\udfff]")
BIDIRECTIONAL = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def normalise(value: str) -> str:
    return unicodedata.normalize("NFC", value).strip()


def is_blank(value: str) -> bool:
    """Nothing but white space and format characters (zero-width ones, for example)."""
    return all(char.isspace() or unicodedata.category(char) == "Cf" for char in value)


def has_forbidden(value: str, *, lines: bool = False, bidirectional: bool = True) -> bool:
    """NUL, controls and lone surrogates; `lines` lets line breaks and tabs pass."""
    controls = CONTROLS_BUT_LINES if lines else CONTROLS
    return bool(
        controls.search(value) or SURROGATES.search(value) or (not bidirectional and BIDIRECTIONAL.search(value))
    )


def cut(value: str, length: int) -> str:
    return value if len(value) <= length else value[: length - 1] + "…"
