from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Case, F, Func, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Greatest, Least

FIELDS = ("id", "requester_id", "addressee_id", "status", "created_at", "updated_at")
PERSON = (
    "display_name", "avatar_url", "bio", "current_streak", "points", "timezone", "day_floor", "last_checkin_date",
)  # fmt: skip


class FriendshipQuerySet(models.QuerySet):
    def of_pair(self, one: Any, other: Any) -> "FriendshipQuerySet":
        """What two people are to each other, whoever asked: a row or none. Ids, or expressions that give them."""
        both = self.alias(low=Least("requester", "addressee"), high=Greatest("requester", "addressee"))
        return both.filter(low=Least(one, other), high=Greatest(one, other))

    def of(self, user_id: Any) -> "FriendshipQuerySet":
        return self.filter(Q(requester=user_id) | Q(addressee=user_id))

    def count_of(self, user_id: Any) -> models.expressions.CombinedExpression:
        """How many friends somebody has: those asked and those who asked, each counted in an index."""
        number = Func(template="COUNT(*)", output_field=models.IntegerField())
        accepted = self.filter(status="accepted")
        sides = (accepted.filter(**{side: user_id}).values(count=number) for side in ("requester", "addressee"))
        asked, answered = (Subquery(side) for side in sides)
        return asked + answered

    def blockers_of(self, user_id: Any) -> models.QuerySet:
        """The ids of those who blocked somebody."""
        return self.filter(requester=user_id, status="blocked").values("addressee_id")

    def seen_by(self, user_id: Any, status: str | None) -> "FriendshipQuerySet":
        """A person's own of one status; without a status all of them, but for the blocks that hit the person."""
        own = self.of(user_id)
        return own.filter(status=status) if status else own.exclude(requester=user_id, status="blocked")

    def for_list(self, user_id: Any, status: str | None) -> models.QuerySet:
        """Each with the other person, newest first: by acceptance, and what was not accepted by the request."""
        person = {name: _other(user_id, f"__{name}") for name in PERSON}
        rows = self.seen_by(user_id, status).annotate(
            since=Coalesce("accepted_at", "created_at", output_field=models.DateTimeField()),
            user_id=_other(user_id, "_id"),
        )
        shown = ("id", "status", "accepted_at", "since", "user_id")
        return rows.order_by("-since", "-id").values(*shown, **person, active_challenges=_active_challenges())

    def for_received(self, user_id: Any) -> models.QuerySet:
        """Requests that wait for a person's answer, newest first, as rows of the answer."""
        return self.filter(addressee=user_id).for_requests("requester")

    def for_sent(self, user_id: Any) -> models.QuerySet:
        """Requests that a person waits for, newest first. Clients read the other person where the requester stands."""
        return self.filter(requester=user_id).for_requests("addressee")

    def for_requests(self, other: str) -> models.QuerySet:
        person = {
            "requester_display_name": F(f"{other}__display_name"),
            "requester_avatar_url": F(f"{other}__avatar_url"),
        }
        pending = self.filter(status="pending").order_by("-created_at", "-id")
        return pending.values("id", "addressee_id", "created_at", "status", user_id=F(f"{other}_id"), **person)

    def locked(self) -> "FriendshipQuerySet":
        """For writes: who waited for another write reads what it left."""
        return self.select_for_update(no_key=True, of=("self",))


def _other(user_id: Any, column: str) -> Case:
    """Of the one of the two who is not this person."""
    return Case(When(requester=user_id, then=F(f"addressee{column}")), default=F(f"requester{column}"))


def _active_challenges() -> Subquery:
    """How many running challenges the other person is an active member of."""
    memberships = apps.get_model("challenges", "Membership").objects.active()
    running = memberships.filter(user=OuterRef("user_id"), challenge__status="active")
    return Subquery(running.values(count=Func(template="COUNT(*)", output_field=models.IntegerField())))
