from datetime import timedelta

import pytest

from apps.core import clock
from apps.core.errors import ApiError
from apps.notifications.models import Notification
from apps.notifications.services import resend_notification

pytestmark = pytest.mark.django_db

LIST = "/admin/notifications/notification/"


@pytest.fixture
def notification(member):
    return Notification.objects.create(
        user=member, type="member_joined", title="New member!", body="Bob joined.", data={"challenge_name": "<b>"}
    )


class TestNotifications:
    def test_it_works(self, staff, notification):
        page = staff.get(f"{LIST}{notification.pk}/change/").content.decode()
        assert "New member!" in page
        assert "&lt;b&gt;" in page

    @pytest.mark.parametrize("text", ["{user.email}", "{user.pk}", "{pk}", "{user.display_name}"])
    def test_it_is_found(self, staff, notification, owner, text):
        Notification.objects.create(user=owner, type="member_left", title="Member left", body="Bob left.")
        found = staff.get(LIST, {"q": text.format(user=notification.user, pk=notification.pk)}).context["cl"]
        assert list(found.result_list) == [notification]

    def test_it_is_filtered(self, staff, notification):
        assert staff.get(LIST, {"type__exact": "member_joined", "is_read__exact": "0"}).context["cl"].result_count == 1
        assert staff.get(LIST, {"type__exact": "member_left"}).context["cl"].result_count == 0

    def test_only_the_server_writes_it(self, staff, notification):
        assert staff.post(f"{LIST}{notification.pk}/change/", {"title": "x"}).status_code == 403
        assert staff.post(f"{LIST}add/", {"title": "x"}).status_code == 403
        assert staff.post(f"{LIST}{notification.pk}/delete/", {"post": "yes"}).status_code == 403


class TestSendAgain:
    def test_it_works(self, staff, member, as_member):
        old = Notification.objects.create(
            user=member, type="streak_milestone", title="7-day streak!", body="Well done.", dedupe_key="streak:7",
            is_read=True, read_at=clock.now(), data={"streak": 7}, expires_at=clock.now() - timedelta(days=1),
        )  # fmt: skip
        assert as_member.get("/notifications/unread/count").json()["count"] == 0
        staff.post(f"/admin/notifications/notification/{old.pk}/resend/", {"reason": "It was lost"})
        assert as_member.get("/notifications/unread/count").json()["count"] == 1
        (listed,) = as_member.get("/notifications").json()["items"]
        assert (listed["title"], listed["data"], listed["is_read"]) == ("7-day streak!", {"streak": 7}, False)

    def test_an_unknown_one_is_refused(self, member):
        with pytest.raises(ApiError, match="not found"):
            resend_notification(notification_id=member.pk)
