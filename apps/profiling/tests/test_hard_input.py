"""Bad input in every field of every operation that takes any. Operations, fields and their kinds are found, not listed:
an operation without a scenario fails test_budgets, a kind of field without bad values fails here."""

from contextlib import contextmanager
from functools import cache
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import transaction
from django_redis import get_redis_connection

from apps import testing
from apps.core import fields
from apps.core.tests import openapi
from apps.core.tests.routes import BAD_IDS, NOBODY
from apps.core.tests.stored import UUID, comparable, everything
from apps.profiling.tests import bad_values
from apps.profiling.tests.counting import counting
from apps.profiling.tests.valid import OPERATIONS, READS, WRITES, shapes, valid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

WITH_ID = [one for one in OPERATIONS.values() if "<" in one.route]
BODIES = [b"null", b"{", b"\xff\xfe", b"NaN", b"[" * 50_000, b'{"x": 1, "x": 2}', b'{"x": "%s"}' % (b"a" * 3_000_000)]
OF_ONE_ANSWER = ("X-Request-ID", "X-Process-Time")
# What an attacker would add to any body: every column, and every field of every answer that is not asked for.
EXTRA = {
    "id": bad_values.ID, "points": 9999, "is_staff": True, "is_superuser": True, "is_active": False, "role": "creator",
    "created_by": bad_values.ID, "created_by_id": bad_values.ID, "member_count": 0, "user_id": bad_values.ID,
    "status": "archived", "email": "other@example.com", "account_type": "b2b", "forced_mode": "b2b",
    "organization_id": bad_values.ID, "current_streak": 99, "longest_streak": 99, "total_check_ins": 99,
    "total_checkins": 99, "points_earned": 99, "kept_points": 99, "hitch_count": 99, "is_completed": True,
    "checkin_date": "2020-01-01", "day_floor": "2020-01-01", "token_version": 7, "created_at": "2020-01-01T00:00:00Z",
    "password": "an0ther secret 2", "invite_code": "AAAAAA", "is_system": True, "completion_rate": 100,
    "is_on_time": False, "is_read": True, "dedupe_key": "x", "expires_at": "2099-01-01T00:00:00Z", "sid": "x", "ver": 9,
    "requester_id": bad_values.ID, "addressee_id": bad_values.ID, "accepted_at": "2020-01-01T00:00:00Z",
    "sender_id": bad_values.ID, "hitch_date": "2020-01-01", "hitches_sent": 0, "remaining_hitches": 99,
}  # fmt: skip


def shape_of(kind, request):
    """The serializer of this operation's body or query."""
    with undone(), shapes() as seen:
        request()
    found = getattr(seen, kind)
    return found[0](partial=True) if found else None


def asked_again(scenario):
    """A valid request, and the fields of its body."""
    one = valid(scenario)
    shape = shape_of("body", lambda: one.send({}))
    return one, shape.fields if shape else {}


def assert_declared(scenario, kind, fields):
    """Or a field that is not found here would be tried by nobody."""
    declared = openapi.asked(scenario.method, f"/api/v1/{scenario.route}")
    assert declared is None or set(fields) == declared[kind]


@pytest.mark.parametrize("scenario", WRITES, ids=lambda one: f"{one.method} {one.route}")
class TestBodies:
    def test_every_field_refuses_what_is_not_its_kind__hc10_hc11_hc15_hc16(self, scenario):
        one, found = asked_again(scenario)
        assert_declared(scenario, "body", found)
        before, passed = everything() if found else None, []
        for name, field in found.items():
            for value in bad_values.of_body(field):
                if field.allow_null and value is None or is_cleared(field, value):
                    continue
                answer = one.send(**{name: value})
                if answer.status_code != 422 or places(answer)[0][:2] != ["body", name]:
                    passed.append((name, str(value)[:40], answer.status_code))
        assert passed == []
        assert not found or everything() == before

    def test_what_is_required_is_required(self, scenario):
        one, found = asked_again(scenario)
        required = [name for name, field in found.items() if field.required and scenario.method == "POST"]
        if required:
            answer = one.send({})
            assert sorted(place[1] for place in places(answer)) == sorted(required)
            assert {found["type"] for found in answer.json()["detail"]} == {"required"}
            answer = one.send(dict.fromkeys(required))
            assert {found["type"] for found in answer.json()["detail"]} == {"null"}

    def test_extra_fields_change_nothing__hc14(self, scenario):
        """What is stored with them is what is stored without them."""
        one, found = asked_again(scenario)
        before, written = everything(), []
        for extra in ({}, {name: value for name, value in EXTRA.items() if name not in (*found, *one.body)}):
            with undone():
                answer = one.send(**extra)
                assert answer.status_code == scenario.status, answer.content
                written.append(comparable(everything(), before))
        assert written[0] == written[1]

    def test_who_wants_no_body_ignores_every_one__hc6_hc7_hc8_hc9(self, scenario):
        one, found = asked_again(scenario)
        for body in [] if found else BODIES:
            with undone():
                kind = "application/json" if body.isascii() else "text/plain"
                answer = one.api.raw(one.method, one.path, body, content_type=kind)
                assert answer.status_code == scenario.status, (body[:20], answer.content)

    def test_no_field_takes_json_of_any_kind__hc12(self, scenario):
        """So that no NUL gets to jsonb: text refuses it above."""
        _, found = asked_again(scenario)
        known = (fields.Text, fields.Integer, fields.Boolean, fields.Id, fields.Ids, fields.Date, fields.Choice)
        assert [name for name, field in found.items() if not isinstance(field, (*known, fields.Timezone))] == []


@pytest.mark.parametrize("scenario", WITH_ID, ids=lambda one: f"{one.method} {one.route}")
class TestPaths:
    def test_each_id_of_a_good_path_must_be_one__hc1(self, scenario):
        """One after the other, while all others are good."""
        one = valid(scenario)
        before, found = everything(), list(UUID.finditer(one.path))
        paths = [one.path[: id.start()] + bad + one.path[id.end() :] for id in found for bad in (*BAD_IDS, str(NOBODY))]
        told = [one.send(path=path) if one.method != "GET" else one.api.get(path) for path in paths]
        assert {answer.status_code for answer in told} == {404} and len(found) == scenario.route.count("<")
        assert {answer.json()["code"].endswith("_not_found") for answer in told} == {True}
        assert everything() == before


@pytest.mark.parametrize("scenario", READS, ids=lambda one: f"{one.method} {one.route}")
class TestQueries:
    def test_every_parameter_refuses_what_is_not_its_kind__hc2_hc3_hc4_hc15(self, scenario):
        one = valid(scenario)
        asked = dict(one.body)  # of a GET, the query
        shape = shape_of("query", lambda: one.api.get(one.path, asked))
        assert_declared(scenario, "query", shape.fields if shape else {})
        one.api.get("/users/me")  # who asks is known from here on
        passed = []
        for name, field in (shape.fields if shape else {}).items():
            for value in bad_values.of_query(name, field):
                answer, cost = asking(one, f"{one.path}?{name}={value}")
                if (answer.status_code, cost) != (422, 0) or ["query", name] not in places(answer):
                    passed.append((name, value[:40], answer.status_code, cost))
        assert passed == []

    def test_unknown_parameters_are_ignored__hc5(self, scenario):
        """Also by the cache: there is no key more."""
        one = valid(scenario)
        plain = one.api.get(one.path, one.body)
        kept = cached()
        more = one.api.get(one.path, {**one.body, "zzz": "1", "utm_source": "x" * 100, "Page": "7"})
        assert (more.status_code, more.content) == (plain.status_code, plain.content)
        assert cached() == kept

    def test_head_is_get_without_a_body__hc20(self, scenario):
        one = valid(scenario)
        path = f"{one.path}?{urlencode(one.body)}"
        get, head = one.api.get(path), one.api.raw("HEAD", path)
        assert (head.status_code, head.content) == (scenario.status, b"")
        same = [name for name in get.headers if name not in OF_ONE_ANSWER]
        assert {name: head.headers.get(name) for name in same} == {name: get.headers[name] for name in same}
        assert int(head["Content-Length"]) == len(get.content) > 0

    def test_it_never_sends_more_than_a_hundred__hc2(self, scenario):
        one = valid(scenario)
        shape = shape_of("query", lambda: one.api.get(one.path, one.body))
        if shape and "limit" in shape.fields:
            assert one.api.get(one.path, {**one.body, "limit": str(shape.fields["limit"].max_value)}).status_code == 200
            assert shape.fields["limit"].max_value <= 100


@cache
def cursors():
    """By route, one of each list that has any. Each list in a world of its own: the endpoint is what counts."""
    found = {}
    for scenario in READS:
        with undone():
            one = valid(scenario)
            found[scenario.route] = one.api.get(one.path, {**one.body, "limit": "1"}).json()
    return {route: page["next_cursor"] for route, page in found.items() if "next_cursor" in page}


class TestCursors:
    def test_none_is_good_for_another_list__hc3(self):
        made, accepted = cursors(), {}
        assert len(made) == 4 and all(made.values())
        for route in made:
            with undone():
                one = valid(OPERATIONS["GET", route])
                told = {other: one.api.get(one.path, {**one.body, "cursor": made[other]}) for other in made}
                accepted[route] = [other for other, answer in told.items() if answer.status_code != 422]
        assert accepted == {route: [route] for route in made}

    def test_no_bit_of_it_can_be_changed__hc3(self):
        for route, cursor in cursors().items():
            with undone():
                one = valid(OPERATIONS["GET", route])
                for position in range(0, len(cursor), 7):
                    other = "A" if cursor[position] != "A" else "B"
                    changed = cursor[:position] + other + cursor[position + 1 :]
                    answer = one.api.get(one.path, {**one.body, "cursor": changed})
                    assert (answer.status_code, places(answer)) == (422, [["query", "cursor"]]), route


def is_cleared(field, value):
    """An empty text in place of an optional one is no text at all."""
    return value == "" and isinstance(field, fields.Text) and field.allow_blank


def places(answer):
    return [found["loc"] for found in answer.json()["detail"]] if answer.status_code == 422 else [[None, None]]


def asking(one, path):
    with counting() as cost:
        answer = one.api.get(path)
    return answer, len(cost.statements)


@contextmanager
def undone():
    """What is written in the block is taken back, from the cache too."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    testing.forget()


def cached():
    """The keys of this test."""
    return set(get_redis_connection("default").scan_iter(match=f"*{settings.CACHE_PREFIX}*", count=10_000))
