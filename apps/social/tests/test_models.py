import pytest
from django.db import IntegrityError, transaction

from apps import testing
from apps.core import clock
from apps.core.errors import constraint_of
from apps.social.models import Friendship, Hitch

pytestmark = pytest.mark.django_db


def violated(model, row: dict) -> str | None:
    """The constraint that refuses this row."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        model.objects.create(**row)
    return constraint_of(caught.value)


class TestFriendship:
    def test_it_works(self, owner, member):
        row = Friendship.objects.create(requester=owner, addressee=member)
        assert (row.status, row.accepted_at) == ("pending", None)

    def test_there_is_one_per_pair_whoever_asks(self, owner, member, outsider):
        Friendship.objects.create(requester=owner, addressee=member)
        for one, other in ((owner, member), (member, owner)):
            assert violated(Friendship, {"requester": one, "addressee": other}) == "one_friendship_per_pair"
        Friendship.objects.create(requester=owner, addressee=outsider)

    def test_nobody_is_a_friend_of_oneself(self, owner):
        assert violated(Friendship, {"requester": owner, "addressee": owner}) == "not_oneself"

    def test_its_status_is_one_of_four(self, owner, member):
        row = {"requester": owner, "addressee": member, "status": "enemies"}
        assert violated(Friendship, row) == "known_friendship_status"

    def test_it_goes_with_either_account(self, owner, member, outsider):
        Friendship.objects.create(requester=owner, addressee=member)
        Friendship.objects.create(requester=outsider, addressee=owner)
        owner.delete()
        assert not Friendship.objects.exists()


class TestHitch:
    @pytest.fixture
    def hitch(self, challenge, owner, member):
        row = {"challenge": challenge, "habit_id": testing.HABITS[0], "sender": owner, "target": member}
        return row | {"hitch_date": clock.now().date()}

    def test_it_works(self, hitch):
        assert str(Hitch.objects.create(**hitch)) == str(hitch["hitch_date"])

    def test_there_is_one_per_habit_and_day(self, hitch):
        Hitch.objects.create(**hitch)
        assert violated(Hitch, hitch) == "one_hitch_per_habit_per_day"
        Hitch.objects.create(**hitch | {"habit_id": testing.HABITS[1]})
        Hitch.objects.create(**hitch | {"sender": hitch["target"], "target": hitch["sender"]})

    def test_nobody_hitches_oneself(self, hitch):
        assert violated(Hitch, hitch | {"target": hitch["sender"]}) == "not_oneself_hitch"

    def test_it_goes_with_its_challenge(self, hitch, challenge):
        Hitch.objects.create(**hitch)
        challenge.delete()
        assert not Hitch.objects.exists()
