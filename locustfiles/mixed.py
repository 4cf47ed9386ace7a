"""People as they are, over every route of the API: bin/loadtest runs it as `mixed`, `soak` and `faults`."""

from locustfiles import judged  # noqa: F401 - the run is judged
from locustfiles.creator import Creator
from locustfiles.joiner import Joiner
from locustfiles.member import Member
from locustfiles.newcomer import Newcomer
from locustfiles.returning import Returning

__all__ = ["Creator", "Joiner", "Member", "Newcomer", "Returning"]
