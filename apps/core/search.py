"""Search by name, in a form that a trigram index on UPPER(name) serves."""

import re

from django.db.models import F, Q, Value
from django.db.models.functions import Upper
from django.db.models.lookups import Regex

# Listed one by one and none above U+07FF: with a larger class, such a character or PostgreSQL's \m in it, the trigram
# index cannot serve a pattern. So typographic quotes and dashes do not begin a word.
BETWEEN_WORDS = "(^|[][ \\-_.,:;!?'\"«»()/\\\\&+@#*|~{}<>=·\u00a0])"
PUNCTUATION = re.compile(r"([ -/:-@\[-`{-~])")


def name_matches(field: str, text: str) -> Q:
    """Names that contain `text`, whatever its case; two characters must begin the name or a word in it.

    `%`, `_`, `\\` and everything else that means something in a pattern is literal.
    """
    if len(text) > 2:
        return Q(**{f"{field}__icontains": text})
    pattern = BETWEEN_WORDS + PUNCTUATION.sub(r"\\\1", text)
    return Q(Regex(Upper(F(field)), Upper(Value(pattern))))
