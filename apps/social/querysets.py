from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Case, Count, F, Func, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Greatest, JSONObject, Least

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
        """Each with the other `person`, newest first: by acceptance, and what was not accepted by the request.

        The person is looked up for the rows of a page only: joined, for every friend before the newest are known.
        """
        rows = self.seen_by(user_id, status).annotate(
            since=Coalesce("accepted_at", "created_at", output_field=models.DateTimeField()),
            user_id=Case(When(requester=user_id, then=F("addressee_id")), default=F("requester_id")),
        )
        shown = {"person": _other_person(), "active_challenges": _active_challenges()}
        return rows.order_by("-since", "-id").values("id", "status", "accepted_at", "since", "user_id", **shown)

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


def _other_person() -> Subquery:
    users = apps.get_model("accounts", "User").objects.filter(pk=OuterRef("user_id"))
    return Subquery(users.values(shown=JSONObject(**{name: name for name in PERSON})))


def _active_challenges() -> Coalesce:
    """How many running challenges the other person is an active member of."""
    memberships = apps.get_model("challenges", "Membership").objects.active().filter(user=OuterRef("user_id"))
    running = Count("pk", filter=Q(challenge__status="active"))
    return Coalesce(Subquery(memberships.order_by().values("user_id").annotate(count=running).values("count")), 0)
