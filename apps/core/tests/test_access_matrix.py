"""Who may what: eight kinds of people on every route that names an object (hard case 26, contract 3.12).

A route with an id in its path that is in no table fails the test, so that a new one says who may use it.
"""

import json

import pytest
from django.db import transaction

from apps import testing
from apps.accounts.tests.people import outcome
from apps.challenges.models import Challenge, Role
from apps.checkins.models import CheckIn
from apps.checkins.tests.steps import check_in
from apps.core.tests.routes import api_routes
from apps.core.tests.stored import everything
from apps.notifications.models import Notification, NotificationType
from apps.social.models import Friendship

pytestmark = pytest.mark.django_db

OK, MADE, GONE = (200, None), (201, None), (204, None)
STRANGER, ROLE, KICKED = (403, "not_a_member"), (403, "insufficient_role"), (403, "kicked")
HIDDEN, NOT_MINE = (403, "profile_private"), (403, "not_owner")
ALREADY, INVITE, LEFT = (400, "already_member"), (403, "invite_required"), (400, "already_left")
STAYS, NOT_THERE = (400, "creator_cannot_leave"), (404, "notification_not_found")
ONESELF, TO_ONESELF = (400, "self_removal"), (400, "self_request")
NO_FRIEND, NOT_ASKED = (404, "friendship_not_found"), (403, "not_addressee")
NOBODY, DEACTIVATED = (401, "authentication_required"), (401, "invalid_token")

PEOPLE = ("owner", "admin", "member", "left", "kicked", "outsider")
EVERYBODY = (*PEOPLE, "deactivated", "anonymous")
MEMBERS_ONLY = (OK, OK, OK, STRANGER, STRANGER, STRANGER)
NAME, ADMIN, CAPTION = {"name": "Other"}, {"role": "admin"}, {"caption": "Mine now"}
YES = {"action": "accept"}
HABIT = str(testing.HABITS[0])
HITCH = {"challenge_id": "<challenge_id>", "habit_id": HABIT, "target_user_ids": ["<user_id>"]}
CHALLENGE, MEMBERS = "challenges/<challenge_id>", "challenges/<challenge_id>/members/<user_id>"

# Something of another active member, in a private challenge: method, route, body, and what each of PEOPLE is told.
FOREIGN = [
    ("GET", "users/<user_id>", None, (OK, OK, OK, HIDDEN, HIDDEN, HIDDEN)),
    ("GET", CHALLENGE, None, MEMBERS_ONLY),
    ("PATCH", CHALLENGE, NAME, (OK, OK, ROLE, STRANGER, STRANGER, STRANGER)),
    ("DELETE", CHALLENGE, None, (GONE, ROLE, ROLE, STRANGER, STRANGER, STRANGER)),
    ("POST", f"{CHALLENGE}/join", None, (ALREADY, ALREADY, ALREADY, INVITE, KICKED, INVITE)),
    ("POST", f"{CHALLENGE}/leave", None, (STAYS, OK, OK, LEFT, KICKED, STRANGER)),
    ("GET", f"{CHALLENGE}/members", None, MEMBERS_ONLY),
    ("PATCH", MEMBERS, ADMIN, (OK, ROLE, ROLE, STRANGER, STRANGER, STRANGER)),
    ("DELETE", MEMBERS, None, (GONE, GONE, ROLE, STRANGER, STRANGER, STRANGER)),
    ("GET", f"{CHALLENGE}/progress", None, MEMBERS_ONLY),
    ("GET", f"{CHALLENGE}/checkins", None, MEMBERS_ONLY),
    ("GET", f"{CHALLENGE}/checkins/today", None, MEMBERS_ONLY),
    ("GET", "checkins/challenges/<challenge_id>/today", None, MEMBERS_ONLY),
    ("GET", "checkins/<checkin_id>", None, MEMBERS_ONLY),
    ("PATCH", "checkins/<checkin_id>", CAPTION, (NOT_MINE,) * 6),
    ("DELETE", "checkins/<checkin_id>", None, (NOT_MINE,) * 6),
    ("DELETE", "notifications/<notification_id>", None, (NOT_THERE,) * 6),
    # A request of another to the target, who is nothing to anybody else.
    ("POST", "friends/requests/<friendship_id>/respond", YES, (NOT_ASKED,) * 6),
    ("DELETE", "friends/<user_id>", None, (NO_FRIEND,) * 6),
    # The object is named in the body.
    ("POST", "friends/request", {"addressee_id": "<user_id>"}, (MADE,) * 6),
    ("POST", "checkins", {"challenge_id": "<challenge_id>", "habit_id": HABIT}, (MADE,) * 3 + (STRANGER,) * 3),
    ("POST", "hitch", HITCH, (OK,) * 3 + (STRANGER,) * 3),
    ("POST", "challenges/join", {"invite_code": "<invite_code>"}, (ALREADY, ALREADY, ALREADY, OK, KICKED, OK)),
]
# Something of one's own, also after one has left or was removed.
OWN = [
    ("GET", "users/<user_id>", None, (OK,) * 6),
    ("GET", "checkins/<checkin_id>", None, (OK,) * 6),
    ("PATCH", "checkins/<checkin_id>", CAPTION, (OK,) * 6),
    ("DELETE", "checkins/<checkin_id>", None, (GONE,) * 6),
    ("DELETE", "notifications/<notification_id>", None, (GONE,) * 6),
    ("POST", "friends/requests/<friendship_id>/respond", YES, (OK,) * 6),
    ("DELETE", "friends/<user_id>", None, (ONESELF,) * 6),
    ("POST", "friends/request", {"addressee_id": "<user_id>"}, (TO_ONESELF,) * 6),
]
WITHOUT_ID = {"checkins", "challenges/join", "friends/request", "hitch"}
CASES = [
    pytest.param(*row, whose, id=f"{whose} {row[0]} {row[1]}")
    for whose, table in (("foreign", FOREIGN), ("own", OWN))
    for row in table
]


@pytest.fixture
def world(owner):
    """Everybody has checked in, before the one left, the other was kicked and a third was deactivated."""
    challenge = testing.make_challenge(owner)
    users = {"owner": owner}
    users["outsider"] = testing.make_user("outsider")
    elsewhere = testing.make_challenge(users["outsider"])
    for who in ("admin", "member", "left", "kicked", "deactivated", "target"):
        users[who] = testing.make_user(who)
        testing.add_member(challenge, users[who], role=Role.ADMIN if who == "admin" else Role.MEMBER)
    for user in users.values():
        check_in(user, elsewhere if user == users["outsider"] else challenge, 2)
        told = {"type": NotificationType.STREAK_REMINDER, "title": "Come", "body": "Check in."}
        Notification.objects.create(user=user, data={}, **told)
        testing.make_friendship(testing.make_user(), user, "pending")
    for who in ("left", "kicked"):
        challenge.memberships.filter(user=users[who]).update(status=who)
    count = challenge.memberships.filter(status="active").count()
    Challenge.objects.filter(pk=challenge.pk).update(member_count=count)
    return challenge, users


@pytest.mark.parametrize(("method", "route", "body", "expected", "whose"), CASES)
def test_it_knows_who_may_what__hc26(world, method, route, body, expected, whose):
    """Each in the same world: what one has done is undone before the next."""
    challenge, users = world
    told, wrong = {}, []
    for who in EVERYBODY[: None if whose == "foreign" else -1]:
        with transaction.atomic():
            ids = ids_of(challenge, users[who] if whose == "own" else users["target"])
            told[who], changed = asked(users.get(who), who, method, filled(f"/{route}", ids), body, ids)
            wrong += [who] if changed == (told[who][0] >= 400 or method == "GET") else []
            transaction.set_rollback(True)
        testing.forget()
    assert told == dict(zip(told, (*expected, DEACTIVATED, NOBODY), strict=False))
    assert wrong == [], "a refusal that changes something, or a success that changes nothing"


def asked(user, who, method, path, body, ids):
    """What one is told, and whether anything has changed."""
    api = testing.Api(user)
    if who == "deactivated":
        user.is_active = False
        user.save(update_fields=["is_active"])
    before = everything()
    response = api._send(method, path, body and json.loads(filled(json.dumps(body), ids)))
    code = outcome(response)[1] if response.status_code >= 400 else None
    return (response.status_code, code), before != everything()


def ids_of(challenge, subject):
    return {
        "challenge_id": challenge.pk,
        "user_id": subject.pk,
        "checkin_id": CheckIn.objects.get(user=subject).pk,
        "notification_id": Notification.objects.filter(user=subject).latest("created_at").pk,
        "friendship_id": Friendship.objects.get(addressee=subject).pk,
        "invite_code": challenge.invite_code,
    }


def filled(text, ids):
    for name, value in ids.items():
        text = text.replace(f"<{name}>", str(value))
    return text


class TestTable:
    def test_it_has_every_route_that_names_an_object__hc26(self):
        listed = {(method, route) for method, route, *_ in FOREIGN}
        routes = {
            (method.upper(), str(route).removeprefix("api/v1/").replace("<str:", "<"))
            for route in api_routes()
            for method in route.methods
            if route.parameters
        }
        assert routes - listed == set(), "say in FOREIGN who may use them, and in OWN what holds for one's own"
        assert {row for row in listed - routes if row[1] not in WITHOUT_ID} == set(), "no such route"
