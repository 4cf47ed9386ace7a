"""Who may what: every person of every kind on every route of challenges (hard case 26)."""

import pytest

from apps import testing
from apps.accounts.tests.people import outcome
from apps.challenges.models import Challenge, Membership, Role
from apps.challenges.tests.steps import NOBODY, assert_counts_are_exact

pytestmark = pytest.mark.django_db

PEOPLE = ("owner", "admin", "member", "pending", "left", "kicked", "outsider", "anonymous", "deactivated")
OK, GONE = (200, None), (204, None)
STRANGER, ROLE = (403, "not_a_member"), (403, "insufficient_role")
ALREADY, INVITE, KICKED = (400, "already_member"), (403, "invite_required"), (403, "kicked")
NAME, ARCHIVE, ADMIN = {"name": "x"}, {"status": "archived"}, {"role": "admin"}

# Method, path, body, then what owner, admin, member, pending, left, kicked and outsider are told.
PRIVATE = [
    ("GET", "", None, OK, OK, OK, OK, STRANGER, STRANGER, STRANGER),
    ("PATCH", "", NAME, OK, OK, ROLE, STRANGER, STRANGER, STRANGER, STRANGER),
    ("PATCH", "", ARCHIVE, OK, ROLE, ROLE, STRANGER, STRANGER, STRANGER, STRANGER),
    ("DELETE", "", None, GONE, ROLE, ROLE, STRANGER, STRANGER, STRANGER, STRANGER),
    ("POST", "/join", None, ALREADY, ALREADY, ALREADY, INVITE, INVITE, KICKED, INVITE),
    ("POST", "/leave", None, (400, "creator_cannot_leave"), OK, OK, OK, (400, "already_left"), KICKED, STRANGER),
    ("GET", "/members", None, OK, OK, OK, STRANGER, STRANGER, STRANGER, STRANGER),
    ("GET", "/members?status=kicked", None, OK, OK, ROLE, STRANGER, STRANGER, STRANGER, STRANGER),
    ("PATCH", "/members/{target}", ADMIN, OK, ROLE, ROLE, STRANGER, STRANGER, STRANGER, STRANGER),
    ("DELETE", "/members/{target}", None, GONE, GONE, ROLE, STRANGER, STRANGER, STRANGER, STRANGER),
]
# What being public changes.
PUBLIC = [
    ("GET", "", None, OK, OK, OK, OK, OK, OK, OK),
    ("POST", "/join", None, ALREADY, ALREADY, ALREADY, OK, OK, KICKED, OK),
]
PUBLIC += [row for row in PRIVATE if row[:2] not in {row[:2] for row in PUBLIC}]
CASES = [
    pytest.param(
        is_public, *row[:3], who, expected, id=f"{'public' if is_public else 'private'} {row[0]} {row[1]} {who}"
    )
    for is_public, table in ((False, PRIVATE), (True, PUBLIC))
    for row in table
    for who, expected in zip(PEOPLE, (*row[3:], None, None), strict=True)
]


@pytest.fixture
def world(owner):
    challenge = testing.make_challenge(owner)
    users = {"owner": owner, "outsider": testing.make_user(), "target": testing.make_user()}
    for who, columns in {
        "admin": {"role": Role.ADMIN},
        "member": {},
        "deactivated": {},
        "pending": {"status": "pending"},
        "left": {"status": "left", "role": Role.ADMIN},
        "kicked": {"status": "kicked", "role": Role.ADMIN},
    }.items():
        users[who] = testing.make_user(who)
        testing.add_member(challenge, users[who], **columns)
    testing.add_member(challenge, users["target"])
    return challenge, users


@pytest.mark.parametrize(("is_public", "method", "path", "body", "who", "expected"), CASES)
def test_it_knows_who_may_what__hc26(world, is_public, method, path, body, who, expected):
    challenge, users = world
    Challenge.objects.update(is_public=is_public)
    api = testing.Api(users.get(who))
    if who == "deactivated":
        users[who].is_active = False
        users[who].save(update_fields=["is_active"])
    if expected is None:
        expected = (401, "authentication_required" if who == "anonymous" else "invalid_token")
    before = set(Membership.objects.values_list("id", "role", "status")), set(Challenge.objects.values_list("status"))

    response = api._send(method, f"/challenges/{challenge.id}{path.format(target=users['target'].id)}", body)

    code = response.json().get("code") if response.status_code >= 400 else None
    assert (response.status_code, code) == expected
    after = set(Membership.objects.values_list("id", "role", "status")), set(Challenge.objects.values_list("status"))
    assert response.status_code < 400 or before == after
    assert_counts_are_exact()


@pytest.mark.parametrize("row", PRIVATE, ids=lambda row: f"{row[0]} {row[1]}")
def test_nobody_finds_what_there_is_not(as_owner, row):
    method, path, body, *_ = row
    response = as_owner._send(method, f"/challenges/{NOBODY}{path.format(target=NOBODY)}", body)
    assert outcome(response) == (404, "challenge_not_found")
