from functools import partial

from apps import testing
from apps.profiling.tests.scenarios.registry import scenario

# A hundred friends by key, and of each the challenges that run; of the requests only the friends.
A_HUNDRED = {"twenty": 1000, "five_years": 2500, "full_house": 2500}


@scenario("GET", "friends", is_page=True, buffers=A_HUNDRED)
def friends(world, **query):
    return partial(world.api.get, "/friends", query)


@scenario("GET", "friends", "pending", is_page=True, buffers=A_HUNDRED)
def friends_to_be(world, **query):
    return partial(world.api.get, "/friends", {"status_filter": "pending"} | query)


@scenario("GET", "friends", "all", is_page=True, buffers=A_HUNDRED)
def everybody_asked(world, **query):
    return partial(world.api.get, "/friends", {"status_filter": "all"} | query)


@scenario("GET", "friends/requests", is_page=True, buffers=A_HUNDRED)
def friend_requests(world, **query):
    return partial(world.api.get, "/friends/requests", query)


@scenario("POST", "friends/request", status=201)
def request(world):
    return asking(world, stranger(world))


@scenario("POST", "friends/request", "asked again", status=201)
def request_again(world):
    other = stranger(world)
    testing.make_friendship(other, world.me, "rejected")
    return asking(world, other)


@scenario("POST", "friends/request", "refused", status=403)
def request_refused(world):
    other = stranger(world)
    testing.make_friendship(world.me, other, "blocked")
    return asking(world, other)


@scenario("POST", "friends/requests/<friendship_id>/respond")
def accept(world):
    return answering(world, "accept")


@scenario("POST", "friends/requests/<friendship_id>/respond", "block")
def block(world):
    return answering(world, "block")


@scenario("DELETE", "friends/<user_id>")
def remove(world):
    other = stranger(world)
    testing.make_friendship(other, world.me)
    return partial(world.api.delete, f"/friends/{other.pk}")


def stranger(world):
    return world.people("Zoe", 1)[0]


def asking(world, user):
    return partial(world.api.post, "/friends/request", {"addressee_id": str(user.pk)})


def answering(world, action):
    row = testing.make_friendship(stranger(world), world.me, "pending")
    return partial(world.api.post, f"/friends/requests/{row.pk}/respond", {"action": action})
