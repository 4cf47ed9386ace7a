"""The unread count is right at once after everything that moves it (contract 3.13, 9.4)."""

from datetime import timedelta

import pytest

from apps.core import clock
from apps.core.tests.freshness import is_warm, watched
from apps.notifications.tests.notices import make_notice
from apps.testing import Api

pytestmark = pytest.mark.django_db
COUNT = "/notifications/unread/count"


def unread(api) -> int:
    return api.get(COUNT).json()["count"]


class TestUnreadCount:
    @pytest.fixture
    def notices(self, member):
        return [make_notice(member) for _ in range(3)]

    def test_it_works(self, as_member, as_owner, notices):
        with watched(as_member, as_owner) as cost:
            as_member.post("/notifications/mark-read", {"notification_ids": [notices[0].id]})
        assert (cost.redis, unread(as_member)) == (2, 2)

    def test_reading_all_is_seen(self, as_member, notices):
        with watched(as_member) as cost:
            as_member.post("/notifications/mark-all-read")
        assert (cost.redis, unread(as_member)) == (2, 0)

    def test_deleting_is_seen(self, as_member, notices):
        with watched(as_member) as cost:
            assert as_member.delete(f"/notifications/{notices[0].id}").status_code == 204
        assert (cost.redis, unread(as_member)) == (2, 2)

    def test_what_is_anothers_expires_nothing(self, as_member, as_owner, notices):
        assert (unread(as_member), unread(as_owner)) == (3, 0)
        assert as_owner.delete(f"/notifications/{notices[0].id}").status_code == 404
        assert is_warm(as_member, COUNT) and is_warm(as_owner, COUNT)

    def test_one_more_is_seen(self, as_owner, as_member, as_outsider, challenge):
        with watched(as_owner, as_member, as_outsider):
            as_outsider.post("/challenges/join", {"invite_code": challenge.invite_code})
        assert (unread(as_owner), unread(as_member)) == (1, 0)

    def test_an_expiry_is_seen_at_its_very_instant(self, member):
        now = clock.now()
        with clock.standing_at(now):
            for seconds in (20, 40):
                make_notice(member, expires_at=now + timedelta(seconds=seconds))
            api = Api(member)
            assert unread(api) == 2 and is_warm(api, COUNT)
        for seconds, count in ((19, 2), (20, 1), (39, 1), (40, 0)):
            with clock.standing_at(now + timedelta(seconds=seconds)):
                assert unread(api) == count
