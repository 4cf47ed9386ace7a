"""Writes of friendships. Each holds the lock of the pair's row; where there is none yet, the constraint decides."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.accounts.cache import expire_facts
from apps.accounts.errors import user_not_found
from apps.accounts.models import User
from apps.core import clock
from apps.core.transactions import transactional
from apps.notifications.models import NotificationType
from apps.notifications.services import notify
from apps.social import errors
from apps.social.models import Friendship, FriendshipStatus
from apps.social.querysets import FIELDS

ANSWERS = {
    "accept": FriendshipStatus.ACCEPTED,
    "reject": FriendshipStatus.REJECTED,
    "block": FriendshipStatus.BLOCKED,
}


@transactional
def request_friendship(*, requester_id: UUID, addressee_id: UUID) -> dict[str, Any]:
    """A request that waits for its answer; answers its row. One that was rejected is asked again by either."""
    if requester_id == addressee_id:
        raise errors.self_request()
    addressee = Q(pk=addressee_id, is_active=True)
    names = dict(User.objects.filter(addressee | Q(pk=requester_id)).values_list("pk", "display_name"))
    if addressee_id not in names:
        raise user_not_found()
    found = Friendship.objects.of_pair(requester_id, addressee_id).locked().values("id", "status").first()
    _require_open(found)
    row = _ask(found, requester_id, addressee_id)
    notify(
        [addressee_id],
        NotificationType.FRIEND_REQUEST,
        title="New friend request",
        body=f"{names[requester_id]} sent you a friend request.",
        data={"friendship_id": str(row["id"]), "requester_id": str(requester_id)},
    )
    return row


@transactional
def respond_to_request(*, friendship_id: UUID, user_id: UUID, action: str) -> dict[str, Any]:
    """`action`: accept, reject or block, by the addressee, once. Answers the friendship's row after it."""
    row = Friendship.objects.filter(pk=friendship_id).locked().values(*FIELDS).first()
    if not row:
        raise errors.friendship_not_found()
    if row["addressee_id"] != user_id:
        raise errors.not_addressee()
    if row["status"] != FriendshipStatus.PENDING:
        raise errors.request_not_pending(status=row["status"])
    changes = {"status": ANSWERS[action], "updated_at": clock.now()}
    if action == "accept":
        changes["accepted_at"] = changes["updated_at"]
    Friendship.objects.filter(pk=friendship_id).update(**changes)
    if action == "accept":
        expire_facts([row["requester_id"], user_id])
        _tell_requester(row)
    return {name: changes.get(name, row[name]) for name in FIELDS}


@transactional
def remove_friend(*, user_id: UUID, other_id: UUID) -> None:
    """Ends what there is between two people: a friendship, a request, a rejection, a block by who blocks."""
    if user_id == other_id:
        raise errors.self_removal()
    found = Friendship.objects.of_pair(user_id, other_id).locked().values("id", "status", "requester_id").first()
    if not found or (found["status"] == FriendshipStatus.BLOCKED and found["requester_id"] == user_id):
        raise errors.friendship_not_found()
    Friendship.objects.filter(pk=found["id"]).delete()
    if found["status"] == FriendshipStatus.ACCEPTED:
        expire_facts([user_id, other_id])


def _require_open(found: dict[str, Any] | None) -> None:
    """May a request be made beside what there is between the two?"""
    status = found and found["status"]
    if status == FriendshipStatus.BLOCKED:
        raise errors.request_refused()
    if status == FriendshipStatus.ACCEPTED:
        raise errors.already_friends()
    if status == FriendshipStatus.PENDING:
        raise errors.request_exists()


def _ask(found: dict[str, Any] | None, requester_id: UUID, addressee_id: UUID) -> dict[str, Any]:
    """The pair's row as a new request. Of two that cross, the second runs into the constraint."""
    now = clock.now()
    columns = {"requester_id": requester_id, "addressee_id": addressee_id, "status": FriendshipStatus.PENDING}
    columns |= {"accepted_at": None, "created_at": now, "updated_at": now}
    if not found:
        found = {"id": Friendship.objects.create(**columns).pk}
    else:
        Friendship.objects.filter(pk=found["id"]).update(**columns)
    return {name: (found | columns)[name] for name in FIELDS}


def _tell_requester(row: dict[str, Any]) -> None:
    name = User.objects.values_list("display_name", flat=True).get(pk=row["addressee_id"])
    notify(
        [row["requester_id"]],
        NotificationType.FRIEND_ACCEPTED,
        title="Friend request accepted",
        body=f"{name} accepted your friend request.",
        data={"friendship_id": str(row["id"]), "user_id": str(row["addressee_id"])},
    )
