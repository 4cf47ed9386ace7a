"""What staff decide about a check-in, after a look at its evidence."""

from uuid import UUID

from apps.checkins import errors
from apps.checkins.models import CheckIn, CheckInStatus
from apps.checkins.services import delete_check_in
from apps.core import clock
from apps.core.transactions import transactional


@transactional
def verify_check_in(*, check_in_id: UUID) -> None:
    """completed -> verified. Both count, so nothing else moves; doing it again changes nothing."""
    check_in = CheckIn.objects.filter(pk=check_in_id)
    completed = check_in.filter(status=CheckInStatus.COMPLETED)
    if not completed.update(status=CheckInStatus.VERIFIED, updated_at=clock.now()) and not check_in.exists():
        raise errors.checkin_not_found()


def reject_check_in(*, check_in_id: UUID, user_id: UUID) -> None:
    """Takes it from its owner as the owner would take it back. With the status `rejected` it would stay among the rows
    that points and totals are made of (contract 3.3), and its place would be taken: no honest second try."""
    delete_check_in(user_id=user_id, check_in_id=check_in_id)
