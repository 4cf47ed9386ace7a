"""The device that a user's notifications are pushed to."""

import pytest

from apps import testing
from apps.accounts.models import User
from apps.accounts.tests.people import at_once

TOKEN, OTHER = "ExponentPushToken[abc]", "ExponentPushToken[xyz]"


def register(user, token=TOKEN, **body):
    return testing.Api(user).post("/notifications/register-push-token", {"token": token} | body)


def device(user):
    user = User.objects.get(pk=user.pk)
    return user.push_token, user.push_device_type


@pytest.mark.django_db
class TestRegister:
    def test_it_works(self, member):
        response = register(member, device_type="ios")
        assert response.status_code == 200
        assert response.json() == {"success": True, "message": "Push token registered.", "data": None}
        assert device(member) == (TOKEN, "ios")

    def test_the_kind_of_device_has_a_default(self, member):
        register(member, device_type=None)
        assert device(member) == (TOKEN, "mobile")

    def test_the_last_one_wins(self, member):
        register(member, TOKEN, device_type="ios"), register(member, OTHER, device_type="android")
        assert device(member) == (OTHER, "android")

    def test_the_same_one_again_is_fine(self, member):
        assert [register(member).status_code for _ in range(2)] == [200, 200]
        assert device(member) == (TOKEN, "mobile")

    def test_it_is_taken_from_any_other_account(self, member, owner, outsider):
        register(owner), register(outsider, OTHER), register(member)
        assert [device(user) for user in (owner, outsider, member)] == [
            (None, None),
            (OTHER, "mobile"),
            (TOKEN, "mobile"),
        ]

    @pytest.mark.parametrize("token", ["abc", "ExponentPushToken[abc", "xExponentPushToken[abc]", "ExpoPushToken[abc]"])
    def test_it_has_the_form_of_expo(self, token, member):
        response = register(member, token)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_push_token")
        assert device(member) == (None, None)

    @pytest.mark.parametrize(
        ("body", "field", "type"),
        [
            ({}, "token", "required"),
            ({"token": None}, "token", "null"),
            ({"token": ""}, "token", "blank"),
            ({"token": 1}, "token", "invalid"),
            ({"token": "ExponentPushToken[\x00]"}, "token", "invalid"),
            ({"token": f"ExponentPushToken[{'x' * 237}]"}, "token", "max_length"),
            ({"token": TOKEN, "device_type": ""}, "device_type", "blank"),
            ({"token": TOKEN, "device_type": "x" * 21}, "device_type", "max_length"),
            ({"token": TOKEN, "device_type": True}, "device_type", "invalid"),
        ],
    )
    def test_it_refuses_bad_input__hc10(self, body, field, type, as_member):
        response = as_member.post("/notifications/register-push-token", body)
        assert response.status_code == 422
        assert [(v["loc"], v["type"]) for v in response.json()["detail"]] == [(["body", field], type)]

    def test_it_takes_255_characters(self, member):
        token = f"ExponentPushToken[{'x' * 236}]"
        assert (len(token), register(member, token).status_code) == (255, 200)

    def test_it_is_three_statements(self, member, owner, as_member, django_assert_num_queries):
        register(owner)
        with django_assert_num_queries(3):
            as_member.post("/notifications/register-push-token", {"token": TOKEN})


@pytest.mark.django_db
class TestForget:
    def test_it_works(self, member, as_member):
        register(member)
        response = as_member.delete("/notifications/push-token")
        assert response.json() == {"success": True, "message": "Push token unregistered.", "data": None}
        assert device(member) == (None, None)

    def test_repeated_it_answers_the_same(self, as_member):
        answers = [as_member.delete("/notifications/push-token") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()

    def test_it_leaves_others_alone(self, owner, as_member):
        register(owner)
        as_member.delete("/notifications/push-token")
        assert device(owner) == (TOKEN, "mobile")

    def test_it_is_two_statements(self, as_member, django_assert_num_queries):
        with django_assert_num_queries(2):
            as_member.delete("/notifications/push-token")


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestRegisterRaces:
    def registering(self, user, token):
        """A call whose access token is made before the race."""
        api = testing.Api(user)
        return lambda: api.post("/notifications/register-push-token", {"token": token})

    def test_one_token_ends_at_one_account(self):
        for _ in range(5):
            answers = at_once(*[self.registering(testing.make_user(), TOKEN) for _ in range(8)])
            assert {answer.status_code for answer in answers} == {200}
            assert User.objects.filter(push_token=TOKEN).count() == 1

    def test_two_that_change_devices_both_succeed(self):
        ann, bob = testing.make_user(), testing.make_user()
        for anns, bobs in [(TOKEN, OTHER), (OTHER, TOKEN)] * 4:
            answers = at_once(self.registering(ann, anns), self.registering(bob, bobs))
            assert [answer.status_code for answer in answers] == [200, 200]
            assert (device(ann)[0], device(bob)[0]) == (anns, bobs)
