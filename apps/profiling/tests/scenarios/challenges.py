from datetime import timedelta
from functools import partial

from apps import testing
from apps.challenges.models import Challenge, Membership
from apps.profiling.tests.scenarios.registry import scenario
from apps.profiling.tests.scenarios.world import KEY

# The totals of its habits are counted, not stored: all its check-ins are read, here 36,000 on 2,300 pages.
COUNTS = {"full_house": 3000}


@scenario("GET", "habits")
def habits(world):
    return partial(world.api.get, "/habits")


@scenario("POST", "habits", status=201)
def create_habit(world):
    return partial(world.api.post, "/habits", {"name": "Stretch", "category": "health"})


@scenario("GET", "challenges", is_page=True)
def mine(world, **query):
    return partial(world.api.get, "/challenges", query)


@scenario("GET", "challenges", "of one status", is_page=True)
def mine_of_one_status(world, **query):
    return partial(world.api.get, "/challenges", {"status_filter": "active"} | query)


@scenario("POST", "challenges", status=201)
def create(world):
    own = world.api.get("/habits").json()[-min(world.size, 4) :]
    body = {"name": "New", "habit_ids": [habit["id"] for habit in own]}
    days = {"start_date": world.today, "end_date": world.today + timedelta(days=30)}
    return partial(world.api.post, "/challenges", body | days)


@scenario("POST", "challenges", "with a key", status=201)
def keyed_create(world):
    return partial(create(world), headers=KEY)


# Shared pages know nobody: what the viewer is where comes as one row for each membership.
@scenario("GET", "challenges/discover", is_page=True, rows=40)
def discover(world, **query):
    return partial(world.api.get, "/challenges/discover", query)


@scenario("GET", "challenges/discover", "search", is_page=True)
def discover_by_name(world, **query):
    return partial(world.api.get, "/challenges/discover", {"search": "open"} | query)


@scenario("GET", "challenges/discover", "cursor")
def discover_behind(world):
    cursor = world.api.get("/challenges/discover", {"limit": 1}).json()["next_cursor"]
    return partial(world.api.get, "/challenges/discover", {"cursor": cursor})


@scenario("POST", "challenges/join", buffers=COUNTS)
def join_by_code(world):
    return partial(stranger(world).post, "/challenges/join", {"invite_code": world.dare.invite_code})


@scenario("POST", "challenges/join", "with a key", buffers=COUNTS)
def keyed_join(world):
    return partial(join_by_code(world), headers=KEY)


@scenario("POST", "challenges/<challenge_id>/join", buffers=COUNTS)
def join(world):
    return partial(stranger(world).post, f"/challenges/{world.dare.pk}/join")


@scenario("POST", "challenges/<challenge_id>/join", "again", buffers=COUNTS)
def rejoin(world):
    world.api.post(f"/challenges/{world.dare.pk}/leave")
    return partial(world.api.post, f"/challenges/{world.dare.pk}/join")


# The members' lists expire.
@scenario("POST", "challenges/<challenge_id>/leave", rows=20)
def leave(world):
    return partial(world.api.post, f"/challenges/{world.dare.pk}/leave")


@scenario("GET", "challenges/<challenge_id>", buffers=COUNTS)
def detail(world):
    return partial(world.api.get, f"/challenges/{world.dare.pk}")


@scenario("GET", "challenges/<challenge_id>", "stranger", buffers=COUNTS)
def detail_for_a_stranger(world):
    return partial(stranger(world).get, f"/challenges/{world.dare.pk}")


@scenario("PATCH", "challenges/<challenge_id>", buffers=COUNTS)
def edit(world):
    return partial(change, world, name="Renamed", max_members=49, is_public=False)


# The members and then their users are locked.
@scenario("PATCH", "challenges/<challenge_id>", "status change", rows=20, buffers=COUNTS)
def complete(world):
    # Everybody has done everything: the most that completion has to write and to tell.
    Membership.objects.filter(challenge=world.dare).update(total_checkins=1000)
    return partial(change, world, status="completed", name="Done")


@scenario("PATCH", "challenges/<challenge_id>", "status change", buffers=COUNTS)
def activate(world):
    Challenge.objects.filter(pk=world.dare.pk).update(status="pending")
    return partial(change, world, status="active")


@scenario("PATCH", "challenges/<challenge_id>", "status change", buffers=COUNTS)
def fail(world):
    return partial(change, world, status="failed")


# The members' lists expire.
@scenario("DELETE", "challenges/<challenge_id>", status=204, rows=20)
def archive(world):
    return partial(world.as_owner.delete, f"/challenges/{world.dare.pk}")


@scenario("GET", "challenges/<challenge_id>/members", is_page=True)
def members(world, **query):
    return partial(world.api.get, f"/challenges/{world.dare.pk}/members", query)


@scenario("GET", "challenges/<challenge_id>/members", "removed", is_page=True)
def removed_members(world, **query):
    return partial(world.as_owner.get, f"/challenges/{world.dare.pk}/members", {"status": "kicked"} | query)


@scenario("PATCH", "challenges/<challenge_id>/members/<user_id>")
def change_role(world):
    path = f"/challenges/{world.dare.pk}/members/{world.crowd[0].pk}"
    return partial(world.as_owner.patch, path, {"role": "admin"})


# The members' lists expire.
@scenario("DELETE", "challenges/<challenge_id>/members/<user_id>", status=204, rows=20)
def remove_member(world):
    return partial(world.as_owner.delete, f"/challenges/{world.dare.pk}/members/{world.crowd[0].pk}")


def change(world, **changes):
    return world.as_owner.patch(f"/challenges/{world.dare.pk}", changes)


def stranger(world):
    return testing.Api(testing.make_user("Ute"))
