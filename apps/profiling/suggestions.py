"""What is mostly the cure of a statement that one request makes again and again."""

import re

# In this order: the first that fits speaks.
RULES = [
    (r"INSERT\b", "Insert all rows with one bulk_create()."),
    (r"UPDATE\b", "Change all rows with one update() over a filter, or one bulk_update()."),
    (r"DELETE\b", "Delete all rows with one filter(...__in=...).delete()."),
    (r"SELECT COUNT\(", "Count for all rows at once: a Subquery annotation, or a stored counter."),
    (r"SELECT (\?|1) AS \"a\"|SELECT EXISTS|SELECT (\?|1)\b", "Ask for all rows at once: annotate(Exists(...))."),
    (
        r'.* FROM "(?P<table>\w+)" WHERE "(?P=table)"\."(id|\w*_?hash|fingerprint)" = \?',
        "One row by its key, for each of many: join it with select_related(), or name its columns in values().",
    ),
    (
        r'.* WHERE .*"\w+_id" = \?',
        "The rows of one parent, for each of many: prefetch_related(), or one query with ...__in and a dictionary.",
    ),
]
OTHERWISE = "Make it once for all rows: values bound in a loop become ...__in, or a join."
COMPILED = [(re.compile(pattern, re.IGNORECASE | re.DOTALL), text) for pattern, text in RULES]


def suggestion(text: str) -> str:
    """For a statement without its values."""
    return next((cure for pattern, cure in COMPILED if pattern.match(text)), OTHERWISE)
