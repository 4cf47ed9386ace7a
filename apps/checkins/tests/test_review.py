import pytest
from django.contrib.admin.models import DELETION, LogEntry

from apps import testing
from apps.accounts.models import User
from apps.checkins import review
from apps.checkins.models import CheckIn
from apps.checkins.services import record_check_in
from apps.core.errors import ApiError
from apps.profiling.audit import differences

pytestmark = pytest.mark.django_db

LIST = "/admin/checkins/checkin/"


@pytest.fixture
def check_in(challenge, member):
    recorded = record_check_in(user_id=member.pk, challenge_id=challenge.pk, habit_id=testing.HABITS[0])
    return CheckIn.objects.get(pk=recorded.check_in["id"])


class TestVerify:
    def test_it_works(self, staff, check_in):
        staff.post(f"{LIST}{check_in.pk}/verify/", {"reason": "A good photo"})
        assert CheckIn.objects.values_list("status", flat=True).get() == "verified"
        assert LogEntry.objects.get().change_message == "Verified: A good photo"

    def test_a_verified_one_counts_like_a_completed_one(self, check_in, challenge, as_member):
        reads = [
            f"/challenges/{challenge.pk}/progress",
            f"/challenges/{challenge.pk}/checkins/today",
            "/users/me/stats",
        ]
        before = [as_member.get(path).json() for path in reads]
        review.verify_check_in(check_in_id=check_in.pk)
        assert [as_member.get(path).json() for path in reads] == before
        assert list(differences()) == []

    def test_doing_it_again_changes_nothing(self, check_in):
        for _ in range(2):
            review.verify_check_in(check_in_id=check_in.pk)
        assert CheckIn.objects.get().status == "verified"

    def test_an_unknown_one_is_refused(self, challenge):
        with pytest.raises(ApiError, match="not found"):
            review.verify_check_in(check_in_id=challenge.pk)


class TestReject:
    def test_it_works(self, staff, check_in, member):
        staff.post(f"{LIST}{check_in.pk}/reject/", {"reason": "A photo from the net"})
        assert not CheckIn.objects.exists()
        entry = LogEntry.objects.get()
        assert (entry.action_flag, entry.change_message) == (DELETION, "Rejected: A photo from the net")
        assert member.email in entry.object_repr

    def test_points_and_streaks_follow_and_every_counter_agrees(self, staff, check_in, member):
        staff.post(LIST, {"action": "reject", "_selected_action": [str(check_in.pk)], "reason": "No"})
        moved = User.objects.values_list("points", "total_check_ins", "current_streak").get(pk=member.pk)
        assert moved == (0, 0, 0)
        assert list(differences()) == []

    def test_its_owner_sees_it_at_once_and_may_try_again(self, staff, check_in, as_member, challenge):
        before = as_member.get("/users/me/stats").json()
        staff.post(f"{LIST}{check_in.pk}/reject/", {"reason": "No"})
        after = as_member.get("/users/me/stats").json()
        assert (before["total_check_ins"], after["total_check_ins"]) == (1, 0)
        again = as_member.post("/checkins", {"challenge_id": str(challenge.pk), "habit_id": str(testing.HABITS[0])})
        assert again.status_code == 201
