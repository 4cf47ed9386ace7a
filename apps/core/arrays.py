"""Long lists as parameters of a statement."""

from collections.abc import Iterable
from uuid import UUID


def array(values: Iterable[UUID | int]) -> str:
    """A PostgreSQL array as it is written, for a placeholder with a cast: `%(ids)s::uuid[]`.

    psycopg looks into each element of a list for what it must quote, which takes longer than the insert of a row.
    """
    return "{" + ",".join(map(str, values)) + "}"
