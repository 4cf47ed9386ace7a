"""What starts and ends by the clock (contract 3.6, part 7), and what follows from it."""

from datetime import datetime, timedelta

import pytest

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge, Membership
from apps.challenges.tests.endings import NOON, TODAY, complete, counts, ended, successes, waiting
from apps.challenges.tests.steps import membership, stored, told
from apps.core import clock
from apps.core.clock import DAY
from apps.jobs.services import run_job
from apps.notifications.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

HOUR = timedelta(hours=1)


class TestActivation:
    def test_it_works(self, owner, member, outsider):
        challenge = waiting(owner, member)
        testing.add_member(challenge, outsider, status="pending")
        assert complete() == counts(activated=1)
        assert (stored(challenge).status, stored(challenge).updated_at) == ("active", NOON)
        started = [("challenge_started", "Challenge started!", "'Moves' has started.")]
        assert [told(user) for user in (owner, member, outsider)] == [started, started, []]
        row = Notification.objects.get(user=member)
        assert (row.dedupe_key, row.data) == (f"challenge_started:{challenge.pk}", {"challenge_id": str(challenge.pk)})
        assert row.expires_at == NOON + timedelta(hours=720)

    def test_it_runs_alone_by_its_own_name(self, owner):
        challenge = waiting(owner)
        assert run_job("activate-challenges").message == "activate-challenges: 1 activated"
        assert stored(challenge).status == "active"

    @pytest.mark.parametrize(
        ("zone", "at", "status"),
        [
            ("UTC", "2026-03-02T23:59:59Z", "pending"),
            ("UTC", "2026-03-03T00:00:00Z", "active"),
            ("Pacific/Kiritimati", "2026-03-02T09:59:59Z", "pending"),
            ("Pacific/Kiritimati", "2026-03-02T10:00:00Z", "active"),
            ("Asia/Kathmandu", "2026-03-02T18:14:59Z", "pending"),
            ("Asia/Kathmandu", "2026-03-02T18:15:00Z", "active"),
            ("Pacific/Pago_Pago", "2026-03-03T10:59:59Z", "pending"),
            ("Pacific/Pago_Pago", "2026-03-03T11:00:00Z", "active"),
        ],
    )
    def test_it_follows_the_creators_midnight__hc61(self, owner, zone, at, status):
        User.objects.filter(pk=owner.pk).update(timezone=zone)
        challenge = waiting(owner, start_date=TODAY + DAY)
        with clock.standing_at(datetime.fromisoformat(at)):
            complete()
        assert stored(challenge).status == status

    def test_a_day_that_was_reached_further_east_counts(self, owner):
        User.objects.filter(pk=owner.pk).update(day_floor=TODAY + DAY)
        challenge = waiting(owner, start_date=TODAY + DAY)
        assert complete() == counts(activated=1)
        assert stored(challenge).status == "active"

    def test_one_that_is_over_already_starts_unsaid_and_ends_in_the_same_run(self, owner):
        challenge = waiting(owner, start_date=TODAY - 9 * DAY, end_date=TODAY - 3 * DAY)
        assert complete() == counts(activated=1, failed=1)
        assert [kind for kind, _, _ in told(owner)] == ["challenge_completed"]
        assert stored(challenge).status == "failed"


class TestClosing:
    def test_it_works(self, owner, member, outsider):
        challenge = ended(owner, member, done=9)
        testing.add_member(challenge, outsider, status="pending")
        assert complete() == counts(completed=1)
        after = stored(challenge)
        assert (after.status, str(after.completion_rate), after.updated_at) == ("completed", "90.00", NOON)
        end = [("challenge_completed", "Challenge completed!", "'Moves' is completed: 90 %.")]
        assert [told(user) for user in (owner, member, outsider)] == [end, end, []]
        assert [successes(user) for user in (owner, member, outsider)] == [1, 1, 0]
        assert [membership(challenge, user).is_completed for user in (owner, outsider)] == [True, False]
        data = {"challenge_id": str(challenge.pk), "status": "completed", "completion_rate": 90.0}
        assert Notification.objects.get(user=owner).data == data

    @pytest.mark.parametrize(("done", "status", "won"), [((8, 8), "completed", 1), ((9, 6), "failed", 0)])
    def test_eighty_percent_decide(self, owner, member, done, status, won):
        challenge = ended(owner, member)
        for user, number in zip((owner, member), done, strict=True):
            Membership.objects.filter(challenge=challenge, user=user).update(total_checkins=number)
        complete()
        assert (stored(challenge).status, successes(member)) == (status, won)

    def test_it_says_when_it_failed(self, owner):
        ended(owner, done=1)
        assert complete() == counts(failed=1)
        assert told(owner) == [("challenge_completed", "Challenge ended", "'Moves' has ended at 10 %.")]

    def test_without_active_members_it_failed(self, owner):
        challenge = ended(owner)
        Membership.objects.update(status="left")
        Challenge.objects.update(member_count=0)
        assert complete() == counts(failed=1)
        assert stored(challenge).completion_rate == 0

    def test_several_of_one_person_in_one_batch_count_each(self, owner, member):
        for _ in range(3):
            ended(owner, member)
        assert complete() == counts(completed=3)
        assert [successes(user) for user in (owner, member)] == [3, 3]

    @pytest.mark.parametrize("status", ["completed", "failed", "archived", "pending"])
    def test_it_ends_what_is_active_only(self, owner, status):
        start = TODAY + 5 * DAY if status == "pending" else TODAY - 19 * DAY
        challenge = ended(owner, status=status, start_date=start, end_date=start + 9 * DAY)
        complete()
        assert (stored(challenge).status, told(owner)) == (status, [])

    @pytest.mark.parametrize(
        ("zone", "at", "status"),
        [
            ("UTC", "2026-03-02T23:59:59Z", "active"),
            ("UTC", "2026-03-03T00:00:00Z", "completed"),
            ("America/Los_Angeles", "2026-03-03T07:59:59Z", "active"),
            ("America/Los_Angeles", "2026-03-03T08:00:00Z", "completed"),
            ("Pacific/Kiritimati", "2026-03-02T09:59:59Z", "active"),
            ("Pacific/Kiritimati", "2026-03-02T10:00:00Z", "completed"),
        ],
    )
    def test_nobody_loses_the_last_local_day__hc61(self, owner, zone, at, status):
        User.objects.filter(pk=owner.pk).update(timezone=zone)
        challenge = ended(owner, start_date=TODAY - 9 * DAY, end_date=TODAY)
        with clock.standing_at(datetime.fromisoformat(at)):
            complete()
        assert stored(challenge).status == status

    @pytest.mark.parametrize(
        ("zone", "last", "at", "status"),
        [
            # New York: midnight of 8 March is 5:00 UTC; of 9 March, after a day of 23 hours, 4:00.
            ("America/New_York", "2026-03-07", "2026-03-08T04:59:59Z", "active"),
            ("America/New_York", "2026-03-07", "2026-03-08T05:00:00Z", "completed"),
            ("America/New_York", "2026-03-08", "2026-03-09T03:59:59Z", "active"),
            ("America/New_York", "2026-03-08", "2026-03-09T04:00:00Z", "completed"),
            # 1 November has 25 hours.
            ("America/New_York", "2026-11-01", "2026-11-02T04:59:59Z", "active"),
            ("America/New_York", "2026-11-01", "2026-11-02T05:00:00Z", "completed"),
            # Cairo's 24 April 2026 begins at one o'clock: there is no midnight.
            ("Africa/Cairo", "2026-04-23", "2026-04-23T21:59:59Z", "active"),
            ("Africa/Cairo", "2026-04-23", "2026-04-23T22:00:00Z", "completed"),
        ],
    )
    def test_a_day_has_the_hours_that_it_has__hc61(self, owner, zone, last, at, status):
        User.objects.filter(pk=owner.pk).update(timezone=zone)
        end = datetime.fromisoformat(last).date()
        challenge = ended(owner, start_date=end - 9 * DAY, end_date=end)
        with clock.standing_at(datetime.fromisoformat(at)):
            complete()
        assert stored(challenge).status == status

    def test_it_waits_for_the_last_of_its_members(self, owner, member, outsider):
        challenge = ended(owner, member, outsider, start_date=TODAY - 9 * DAY, end_date=TODAY)
        User.objects.filter(pk=outsider.pk).update(timezone="Pacific/Pago_Pago")
        with clock.standing_at(NOON + 22 * HOUR):
            complete()
        assert stored(challenge).status == "active"
        with clock.standing_at(NOON + 23 * HOUR):
            complete()
        assert stored(challenge).status == "completed"

    def test_it_does_not_wait_for_the_deactivated_or_for_who_left(self, owner, member, outsider):
        challenge = ended(owner, member, outsider, start_date=TODAY - 9 * DAY, end_date=TODAY)
        User.objects.filter(pk__in=[member.pk, outsider.pk]).update(timezone="Pacific/Pago_Pago")
        User.objects.filter(pk=member.pk).update(is_active=False)
        Membership.objects.filter(user=outsider).update(status="left")
        with clock.standing_at(NOON + 12 * HOUR):
            complete()
        assert stored(challenge).status == "completed"

    def test_where_all_accounts_are_deactivated_the_day_of_utc_counts(self, owner):
        challenge = ended(owner, start_date=TODAY - 9 * DAY, end_date=TODAY)
        User.objects.filter(pk=owner.pk).update(is_active=False, timezone="Pacific/Kiritimati")
        with clock.standing_at(NOON + 11 * HOUR):
            complete()
            assert stored(challenge).status == "active"
        with clock.standing_at(NOON + 12 * HOUR):
            complete()
        assert stored(challenge).status == "completed"

    def test_a_day_that_somebody_has_left_behind_is_over(self, owner):
        """Who flew from Kiritimati to Pago Pago lives on the later day until the clock there has it, too."""
        User.objects.filter(pk=owner.pk).update(timezone="Pacific/Pago_Pago", day_floor=TODAY + DAY)
        challenge = ended(owner, start_date=TODAY - 9 * DAY, end_date=TODAY)
        with clock.standing_at(NOON + 13 * HOUR):
            complete()
        assert stored(challenge).status == "completed"
