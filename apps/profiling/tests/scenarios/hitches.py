from functools import partial

from apps import testing
from apps.profiling.tests.scenarios.registry import scenario
from apps.profiling.tests.scenarios.world import KEY

# As many as one call may name, of fifty or of two.
MOST = 10


# Who is reminded comes back from the log, and was looked at before.
@scenario("POST", "hitch", rows=2 * MOST)
def hitch(world):
    return partial(do_it, world, world.api)


@scenario("POST", "hitch", "with a key", rows=2 * MOST)
def keyed_hitch(world):
    return partial(do_it, world, world.api, headers=KEY)


@scenario("POST", "hitch", "replayed")
def replayed_hitch(world):
    do_it(world, world.api, headers=KEY)
    return partial(do_it, world, world.api, headers=KEY)


@scenario("POST", "hitch", "nobody to remind", status=400, rows=MOST)
def repeated_hitch(world):
    do_it(world, world.api)
    return partial(do_it, world, world.api)


@scenario("POST", "hitch", "not a member", status=403)
def hitch_of_a_stranger(world):
    return partial(do_it, world, testing.Api(testing.make_user("Ute")))


def do_it(world, api, **options):
    targets = [user.pk for user in world.crowd[:MOST]]
    body = {"challenge_id": world.dare.pk, "habit_id": world.habit, "target_user_ids": targets}
    return api.post("/hitch", body, **options)
