import pytest

from apps import testing
from apps.checkins.models import CheckIn
from apps.core import clock

pytestmark = pytest.mark.django_db

LIST = "/admin/checkins/checkin/"


@pytest.fixture
def check_in(challenge, member):
    return make(challenge, member, caption="5 km", photo_url="https://cdn.example.com/p.jpg")


def make(challenge, user, **columns) -> CheckIn:
    return CheckIn.objects.create(
        challenge=challenge,
        habit_id=testing.HABITS[0],
        user=user,
        checkin_date=clock.now().date(),
        points_earned=10,
        **columns,
    )


class TestCheckIns:
    def test_it_works(self, staff, check_in):
        page = staff.get(LIST).content.decode()
        for text in ("check-ins", check_in.user.email, check_in.challenge.name, "Morning Exercise", "photo, caption"):
            assert text in page

    @pytest.mark.parametrize("text", ["{user.email}", "{user.pk}", "{user.display_name}", "{pk}"])
    def test_it_is_found(self, staff, check_in, challenge, owner, text):
        make(challenge, owner)
        listed = staff.get(LIST, {"q": text.format(user=check_in.user, pk=check_in.pk)}).context["cl"].result_list
        assert list(listed) == [check_in]

    def test_it_is_found_by_its_challenge(self, staff, check_in, owner):
        make(testing.make_challenge(owner), owner)
        assert list(staff.get(LIST, {"q": check_in.challenge_id}).context["cl"].result_list) == [check_in]

    def test_only_services_write_it(self, staff, check_in):
        fields = {"points_earned": 99, "status": "rejected"}
        assert staff.post(f"{LIST}{check_in.pk}/change/", fields).status_code == 403
        assert staff.post(f"{LIST}add/", fields).status_code == 403
        assert staff.post(f"{LIST}{check_in.pk}/delete/", {"post": "yes"}).status_code == 403
        assert CheckIn.objects.get(pk=check_in.pk).points_earned == 10
