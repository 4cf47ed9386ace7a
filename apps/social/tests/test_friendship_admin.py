import pytest

from apps import testing
from apps.social.models import Friendship

pytestmark = pytest.mark.django_db

LIST = "/admin/social/friendship/"


@pytest.fixture
def friendship(owner, member):
    return testing.make_friendship(owner, member)


class TestFriendships:
    def test_it_works(self, staff, friendship):
        page = staff.get(LIST).content.decode()
        for text in ("Friendships", friendship.requester.email, friendship.addressee.email, "Accepted"):
            assert text in page

    @pytest.mark.parametrize(
        "text",
        ["{one.email}", "{two.email}", "{two.email_prefix}", "{one.pk}", "{two.pk}", "{row.pk}"],
    )
    def test_it_is_found_by_either_of_the_two(self, staff, friendship, outsider, text):
        one, two = friendship.requester, friendship.addressee
        two.email_prefix = two.email.partition("@")[0] + "@"
        testing.make_friendship(outsider, testing.make_user())
        listed = staff.get(LIST, {"q": text.format(one=one, two=two, row=friendship)}).context["cl"].result_list
        assert list(listed) == [friendship]

    @pytest.mark.parametrize("text", ["nobody@example.com", "Olga", "x"])
    def test_nothing_else_is_found(self, staff, friendship, text):
        assert staff.get(LIST, {"q": text}).context["cl"].result_count == 0

    def test_staff_change_nothing(self, staff, friendship):
        assert staff.post(f"{LIST}{friendship.pk}/change/", {"status": "blocked"}).status_code == 403
        assert staff.post(f"{LIST}add/", {"status": "accepted"}).status_code == 403
        assert staff.post(f"{LIST}{friendship.pk}/delete/", {"post": "yes"}).status_code == 403
        assert Friendship.objects.get(pk=friendship.pk).status == "accepted"
