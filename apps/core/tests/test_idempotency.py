"""Idempotency-Key: a call that is sent again is answered as before, and does nothing."""

from datetime import timedelta

import orjson
import pytest
from django.db import transaction

from apps import testing
from apps.challenges.models import Challenge, Membership
from apps.checkins.models import CheckIn
from apps.core import clock, errors
from apps.core.models import IdempotencyKey
from apps.core.tests import openapi
from apps.notifications.models import Notification
from apps.profiling.tests.counting import counting
from apps.social.models import Hitch

pytestmark = pytest.mark.django_db

REUSED = {"detail": errors.idempotency_key_reused.sentence, "code": "idempotency_key_reused"}
KEYED = ["/challenges", "/challenges/join", "/checkins", "/hitch"]


@pytest.fixture
def bodies(owner, member):
    """Of each path that takes keys, what `member` may send."""
    mine, others = testing.make_challenge(owner, member), testing.make_challenge(owner, max_members=3)
    today = clock.now().date()
    days = {"start_date": str(today), "end_date": str(today + timedelta(days=9))}
    return {
        "/challenges": {"name": "Run", "habit_ids": [str(testing.HABITS[0])], **days},
        "/challenges/join": {"invite_code": others.invite_code},
        "/checkins": {"challenge_id": str(mine.id), "habit_id": str(testing.HABITS[0])},
        "/hitch": {
            "challenge_id": str(mine.id),
            "habit_id": str(testing.HABITS[0]),
            "target_user_ids": [str(owner.id)],
        },
    }


def send(api, path, body, key="k-1"):
    return api.post(path, body, headers={"Idempotency-Key": key})


def world() -> tuple[int, ...]:
    spent = Membership.objects.filter(hitch_count__lt=2).count()
    models = (Challenge, Membership, CheckIn, Hitch, Notification)
    return (*(model.objects.count() for model in models), spent)


def is_replay(response) -> bool:
    return response.headers.get("Idempotent-Replayed") == "true"


@pytest.mark.parametrize("path", KEYED)
class TestReplay:
    def test_it_works(self, path, bodies, as_member):
        first = send(as_member, path, bodies[path])
        after = world()
        again = send(as_member, path, bodies[path])
        assert first.status_code in (200, 201) and not is_replay(first)
        assert (again.status_code, again.content, is_replay(again)) == (first.status_code, first.content, True)
        assert again["Content-Type"] == first["Content-Type"] == "application/json"
        assert world() == after

    def test_another_body_is_refused_and_does_nothing(self, path, bodies, as_member):
        send(as_member, path, bodies[path])
        after = world()
        response = send(as_member, path, bodies[path] | {"unknown": 1})
        assert (response.status_code, response.json()) == (422, REUSED)
        assert world() == after

    def test_the_slash_at_the_end_does_not_matter(self, path, bodies, as_member):
        send(as_member, path, bodies[path])
        assert is_replay(send(as_member, path + "/", bodies[path]))

    def test_without_a_key_nothing_is_kept(self, path, bodies, as_member):
        as_member.post(path, bodies[path])
        assert not IdempotencyKey.objects.exists()

    def test_a_call_that_is_not_understood_leaves_the_key_free(self, path, bodies, as_member):
        assert send(as_member, path, {}).status_code == 422
        assert (
            as_member.raw("POST", _v1(path), b"{}", "text/plain", headers={"Idempotency-Key": "k-1"}).status_code == 415
        )
        first = send(as_member, path, bodies[path])
        assert first.status_code in (200, 201) and not is_replay(first)

    def test_it_is_refused_as_documented(self, path, bodies, as_member):
        send(as_member, path, bodies[path])
        schema = openapi.document()["paths"][_v1(path)]["post"]["responses"]
        for body in (bodies[path] | {"unknown": 1}, {}):
            refused = send(as_member, path, body)
            assert openapi.violation(refused.json(), schema["422"]["content"]["application/json"]["schema"]) is None
        assert "request_in_progress" in schema["409"]["description"]
        assert "Idempotent-Replayed" in schema["400"]["headers"]


class TestBodies:
    @pytest.fixture
    def body(self, bodies):
        return bodies["/checkins"] | {"caption": "ö"}

    def raw(self, api, text: str):
        return api.raw("POST", "/checkins", text.encode(), headers={"Idempotency-Key": "k"})

    def test_the_same_json_written_otherwise_is_equal(self, body, as_member):
        self.raw(as_member, orjson.dumps(body).decode())
        turned = {name: body[name] for name in reversed(body)}
        spaced = orjson.dumps(turned, option=orjson.OPT_INDENT_2).decode().replace("ö", "\\u00f6")
        assert is_replay(self.raw(as_member, spaced))

    @pytest.mark.parametrize("change", [{"caption": "o"}, {"caption": None}, {"x": 1}, {"x": [1, 2]}], ids=str)
    def test_any_difference_counts(self, body, as_member, change):
        self.raw(as_member, orjson.dumps(body).decode())
        assert self.raw(as_member, orjson.dumps(body | change).decode()).json() == REUSED

    @pytest.mark.parametrize(("one", "other"), [("1", "true"), ("1", '"1"'), ("[1,2]", "[2,1]"), ("null", "0")])
    def test_values_of_another_type_or_order_are_others(self, body, as_member, one, other):
        text = orjson.dumps(body | {"x": "?"}).decode()
        self.raw(as_member, text.replace('"?"', one))
        assert self.raw(as_member, text.replace('"?"', other)).json() == REUSED


class TestScope:
    def test_another_user_is_independent__hc38(self, bodies, as_member, owner):
        body = bodies["/checkins"]
        first, other = send(as_member, "/checkins", body), send(testing.Api(owner), "/checkins", body)
        assert (first.status_code, other.status_code, is_replay(other)) == (201, 201, False)
        assert first.json()["checkin"]["user_id"] != other.json()["checkin"]["user_id"]

    def test_another_path_is_independent(self, bodies, as_member):
        answers = [send(as_member, path, bodies[path]) for path in KEYED]
        assert {answer.status_code for answer in answers} <= {200, 201}
        assert IdempotencyKey.objects.count() == len(KEYED)

    def test_it_ends_after_a_day(self, bodies, as_member):
        now = clock.now()
        with clock.standing_at(now):
            first = send(as_member, "/challenges", bodies["/challenges"])
        with clock.standing_at(now + timedelta(hours=23, minutes=59)):
            as_member.headers = testing.Api(as_member.user).headers
            assert is_replay(send(as_member, "/challenges", bodies["/challenges"]))
        with clock.standing_at(now + timedelta(hours=24)):
            as_member.headers = testing.Api(as_member.user).headers
            again = send(as_member, "/challenges", bodies["/challenges"])
            assert is_replay(send(as_member, "/challenges", bodies["/challenges"]))
        assert again.status_code == 201 and again.json()["id"] != first.json()["id"]
        assert IdempotencyKey.objects.count() == 1

    def test_it_ends_as_early_as_it_is_told(self, bodies, as_member, settings):
        settings.IDEMPOTENCY_KEY_HOURS = 1
        send(as_member, "/checkins", bodies["/checkins"])
        kept = IdempotencyKey.objects.get()
        assert abs((kept.expires_at - kept.created_at) - timedelta(hours=1)) < timedelta(seconds=5)

    @pytest.mark.parametrize("path", ["/habits", "/challenges/{id}/join", "/notifications/mark-all-read"])
    def test_it_is_ignored_elsewhere(self, path, owner, as_outsider):
        path = path.format(id=testing.make_challenge(owner, is_public=True).id)
        for key in ("k", "", "é"):
            response = send(as_outsider, path, {"name": "Stretch"}, key)
            assert response.status_code in (200, 201, 400) and not is_replay(response)
        assert not IdempotencyKey.objects.exists()


class TestRefusals:
    def test_a_refusal_of_a_rule_is_remembered(self, bodies, as_member, owner):
        """Whatever has changed since: who repeats a call wants to know what came of it."""
        body = bodies["/challenges/join"]
        Challenge.objects.filter(invite_code=body["invite_code"]).update(max_members=1)
        first = send(as_member, "/challenges/join", body)
        Challenge.objects.filter(invite_code=body["invite_code"]).update(max_members=3)
        again = send(as_member, "/challenges/join", body)
        assert (first.status_code, first.json()["code"], is_replay(first)) == (400, "challenge_full", False)
        assert (again.status_code, again.content, is_replay(again)) == (400, first.content, True)
        assert send(as_member, "/challenges/join", body, "k-2").status_code == 200

    @pytest.mark.parametrize(
        ("status", "code", "body"),
        [
            (404, "challenge_not_found", {"challenge_id": str(testing.HABITS[9]), "habit_id": str(testing.HABITS[0])}),
            (403, "not_a_member", {}),
            (400, "habit_not_in_challenge", {"habit_id": str(testing.HABITS[9])}),
        ],
    )
    def test_each_kind_is_remembered(self, status, code, body, bodies, as_member, as_outsider):
        api = as_outsider if status == 403 else as_member
        answers = [send(api, "/checkins", bodies["/checkins"] | body) for _ in range(2)]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(status, code)] * 2
        assert [is_replay(answer) for answer in answers] == [False, True]

    def test_without_a_token_it_is_401_and_the_key_stays_free(self, bodies, as_member, anonymous):
        send(as_member, "/checkins", bodies["/checkins"])
        response = send(anonymous, "/checkins", bodies["/checkins"])
        assert response.status_code == 401 and not is_replay(response)
        assert IdempotencyKey.objects.count() == 1


class TestKeys:
    @pytest.mark.parametrize("key", ["x", " ", "~" * 255, 'a b,c;d="e"\'', "%00\\n"])
    def test_printable_ones_are_taken(self, key, bodies, as_member):
        assert send(as_member, "/checkins", bodies["/checkins"], key).status_code == 201
        assert is_replay(send(as_member, "/checkins", bodies["/checkins"], key))

    @pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb", "a\x00b", "\x7f", "x" * 5000])
    def test_others_are_refused_with_everything_else_that_is_wrong(
        self, key, bodies, as_member, django_assert_num_queries
    ):
        as_member.get("/users/me")
        with django_assert_num_queries(0):
            response = send(as_member, "/checkins", bodies["/checkins"] | {"habit_id": 7}, key)
        assert response.status_code == 422
        found = [(violation["loc"], violation["type"]) for violation in response.json()["detail"]]
        assert found == [(["body", "habit_id"], "invalid"), (["header", "Idempotency-Key"], "invalid")]

    def test_a_bad_key_alone_is_refused(self, bodies, as_member):
        assert send(as_member, "/checkins", bodies["/checkins"], "é").json()["detail"][0]["loc"][0] == "header"
        assert world()[2] == 0


@pytest.mark.parametrize("path", KEYED)
class TestCost:
    def test_a_key_costs_two_statements_and_a_replay_is_one(self, path, bodies, as_member):
        world = transaction.atomic()  # that is undone: both are the first call in it
        world._from_testcase = True
        with world:
            without = statements(lambda: as_member.post(path, bodies[path]), as_member)
            transaction.set_rollback(True)
        first, again = (statements(lambda: send(as_member, path, bodies[path]), as_member) for _ in range(2))
        assert (first, again) == (without + 2, 1)


def statements(call, api) -> int:
    testing.forget()
    api.get("/users/me")
    with counting() as found:
        assert call().status_code in (200, 201)
    return len(found.statements)


def _v1(path: str) -> str:
    return testing.V1 + path
