from datetime import date
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q

from apps.challenges.models import Membership

COUNTED = ("completed", "verified")
FIELDS = (
    "id", "challenge_id", "habit_id", "user_id", "checkin_date", "status", "photo_url", "video_url", "caption",
    "is_on_time", "created_at", "updated_at",
)  # fmt: skip
# In the order of the model's fields.
REMOVAL_COLUMNS = ("id", "challenge_id", "habit_id", "user_id", "checkin_date", "points_earned")


class CheckInQuerySet(models.QuerySet):
    def counted(self) -> "CheckInQuerySet":
        return self.filter(status__in=COUNTED)

    def newest_first(self) -> "CheckInQuerySet":
        return self.order_by("-checkin_date", "-created_at", "-id")

    def for_list(self, user_id: UUID, challenge_id: UUID | None) -> "CheckInQuerySet":
        """A user's own check-ins, in all challenges or in one."""
        return self.of_user(user_id, challenge_id).newest_first().with_author()

    def of_user(self, user_id: UUID, challenge_id: UUID | None) -> "CheckInQuerySet":
        own = self.filter(user=user_id)
        return own.filter(challenge=challenge_id) if challenge_id else own

    def for_feed(self, challenge_id: UUID, day: date | None) -> "CheckInQuerySet":
        """What anybody did in a challenge, on every day or on one."""
        feed = self.counted().filter(challenge=challenge_id)
        if day:
            feed = feed.filter(checkin_date=day)
        return feed.newest_first().with_author()

    def for_reader(self, check_in_id: UUID, user_id: UUID) -> "CheckInQuerySet":
        """One row with `may_read`: for its owner and the active members of its challenge."""
        active = Membership.objects.active().filter(challenge=OuterRef("challenge"), user=user_id)
        return self.filter(pk=check_in_id).values(*FIELDS, may_read=Q(user=user_id) | Exists(active))

    def for_edit(self, check_in_id: UUID) -> "CheckInQuerySet":
        """One row, locked, with what decides whether its owner may still edit it."""
        related = ("challenge__require_evidence", "user__timezone", "user__day_floor")
        one = self.filter(pk=check_in_id).select_related("challenge", "user").only(*FIELDS, *related)
        return one.select_for_update(no_key=True, of=("self",))

    def of_user_on(self, user_id: UUID, day: date) -> "CheckInQuerySet":
        return self.counted().filter(user=user_id, checkin_date=day)

    def of_day(self, challenge_id: UUID, day: date) -> "CheckInQuerySet":
        """Who did what in a challenge on one day."""
        done = self.counted().filter(challenge=challenge_id, checkin_date=day)
        return done.values("user_id", "habit_id", "created_at", "photo_url")

    def days_of_member(self, challenge_id: UUID, user_id: UUID) -> models.QuerySet:
        """Each day of a member in a challenge, with the time of its last check-in: at most 366."""
        own = self.counted().filter(challenge=challenge_id, user=user_id)
        return own.values_list("checkin_date").annotate(Max("created_at"))

    def for_removal(self, check_in_id: UUID) -> models.QuerySet:
        """What decides about taking it back, and what goes with it."""
        return self.filter(pk=check_in_id).values_list(*REMOVAL_COLUMNS)

    def with_author(self) -> "CheckInQuerySet":
        return self.values(*FIELDS, user_display_name=F("user__display_name"), user_avatar_url=F("user__avatar_url"))
