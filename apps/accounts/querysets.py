from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Subquery, When

from apps.accounts import emails
from apps.core.search import name_matches

PRINCIPAL = ("id", "is_staff", "token_version", "timezone", "day_floor")
DAY = ("timezone", "day_floor", "last_checkin_date")
COUNTERS = ("current_streak", "longest_streak", "total_check_ins", "total_challenges_completed", "points")
STATS = (*DAY, *COUNTERS)
PUBLIC = ("id", "display_name", "avatar_url", "bio")
ACTIVE, FRIENDS = COUNTED = ("active_challenges", "friend_count")
ACCOUNT = (*PUBLIC, "email", "full_name", "account_type", "forced_mode", "created_at", *STATS)


class UserQuerySet(models.QuerySet):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def for_principal(self, user_id: UUID, revoked_since: datetime) -> models.QuerySet:
        """The columns of a Principal, in its order; no row for an unknown or deactivated user."""
        return self.active().filter(pk=user_id).values_list(*PRINCIPAL, _revoked_sessions(revoked_since))

    def for_token(self, **who: Any) -> models.QuerySet:
        """What a log-in checks and answers, of the active user that `who` names."""
        return self.active().filter(**who).values(*ACCOUNT, "password", "token_version")

    def for_session(self, refresh_hash: str, now: datetime) -> models.QuerySet:
        """The same and `session`, of the live session with this refresh token. Locks the user."""
        live = Q(sessions__refresh_hash=refresh_hash, sessions__revoked_at=None, sessions__expires_at__gt=now)
        users = self.active().filter(live).annotate(session=F("sessions__pk"))
        return users.select_for_update(no_key=True, of=("self",)).values(*ACCOUNT, "token_version", "session")

    def for_account(self, user_id: UUID) -> models.QuerySet:
        return self.filter(pk=user_id).values(*ACCOUNT)

    def for_profile(self, user_id: UUID) -> models.QuerySet:
        """The own profile."""
        return self.filter(pk=user_id).with_counts().values(*ACCOUNT, "last_seen_at", *COUNTED)

    def for_principal_and_profile(self, user_id: UUID, revoked_since: datetime) -> models.QuerySet:
        """The columns of both; no row for a deactivated user."""
        known = self.active().filter(pk=user_id).with_counts()
        profile = (*ACCOUNT, "last_seen_at", *COUNTED)
        return known.annotate(revoked=_revoked_sessions(revoked_since)).values(
            *profile, *(name for name in PRINCIPAL if name not in profile), "revoked"
        )

    def for_stats(self, user_id: UUID) -> models.QuerySet:
        return self.filter(pk=user_id).with_counts().values(*STATS, *COUNTED)

    def for_public_facts(self, user_id: UUID) -> models.QuerySet:
        """What a person's profile tells whoever may look at it."""
        return self.active().filter(pk=user_id).with_counts().values(*PUBLIC, *STATS, *COUNTED)

    def for_access(self, user_id: UUID, viewer_id: UUID) -> models.QuerySet:
        """What the two are to each other, and whether both are active members of one challenge."""
        friendship = _friendships().of_pair(OuterRef("pk"), viewer_id).values("status")
        return self.filter(pk=user_id).values_list(Subquery(friendship), Exists(_shared_memberships(viewer_id)))

    def for_search(self, text: str, viewer_id: UUID) -> "UserQuerySet":
        """Others whose display name holds `text` or whose address it is; the exact address first, then newest. Who
        blocked the viewer is missing."""
        found = self.active().exclude(pk=viewer_id).exclude(pk__in=_friendships().blockers_of(viewer_id))
        friendship = _friendships().of_pair(OuterRef("pk"), viewer_id).values("status")
        shown = ("id", "display_name", "avatar_url")
        return found.named_or_addressed(text).values(*shown, friendship_status=Subquery(friendship))

    def newest_shared(self, user_ids: list[UUID], viewer_id: UUID) -> dict[UUID, UUID]:
        """By user: the most recently created active challenge in which the viewer is active too."""
        theirs = _model("challenges", "Membership").filter(user__in=user_ids, status="active")
        both = theirs.filter(
            challenge__status="active", challenge__memberships__user=viewer_id, challenge__memberships__status="active"
        )
        newest = both.order_by("user_id", "-challenge__created_at", "-challenge_id").distinct("user_id")
        return dict(newest.values_list("user_id", "challenge_id"))

    def named_or_addressed(self, text: str) -> "UserQuerySet":
        named, email = name_matches("display_name", text), emails.normal_form(text)
        if not emails.is_address(email):
            return self.filter(named).order_by("-id")
        # Text that can be nobody's address spares the sort by it, so that a page of a common name can end early.
        by_address = Case(When(email=email, then=0), default=1)
        return self.filter(named | Q(email=email)).order_by(by_address, "-id")

    def with_counts(self) -> "UserQuerySet":
        """Adds how many active memberships in challenges that are pending or active, and how many friends."""
        memberships = _model("challenges", "Membership").filter(
            user_id=OuterRef("pk"), status="active", challenge__status__in=("pending", "active")
        )
        count = memberships.annotate(count=Func(F("pk"), function="COUNT")).values("count")
        return self.annotate(**{ACTIVE: Subquery(count), FRIENDS: _friendships().count_of(OuterRef("pk"))})


def _revoked_sessions(since: datetime) -> ArraySubquery:
    """Of the outer query's user."""
    sessions = _model("accounts", "Session").filter(user_id=OuterRef("pk"), revoked_at__gt=since)
    return ArraySubquery(sessions.values("pk"))


def _shared_memberships(viewer_id: UUID) -> models.QuerySet:
    """Active memberships of the outer query's user in challenges where the viewer is active too."""
    memberships = _model("challenges", "Membership")
    mine = memberships.filter(challenge_id=OuterRef("challenge_id"), user_id=viewer_id, status="active")
    return memberships.filter(Exists(mine), user_id=OuterRef("pk"), status="active")


def _friendships() -> Any:
    return _model("social", "Friendship")


def _model(app: str, name: str) -> models.QuerySet:
    """Rows of a model that this module cannot import: it is defined later, or in an app built upon this one."""
    return apps.get_model(app, name).objects.all()
