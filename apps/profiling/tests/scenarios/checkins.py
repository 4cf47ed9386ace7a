from functools import partial

from apps import testing
from apps.accounts.models import User
from apps.challenges.models import Challenge
from apps.checkins.models import CheckIn
from apps.core.clock import DAY
from apps.profiling.tests.scenarios.registry import scenario
from apps.profiling.tests.scenarios.world import KEY

# A streak that loses a day is made anew from all its days. Each costs one look-up: three pages of index and the row.
# And the members of a challenge whose streak moved see it in their lists.
DAYS = {"rows": 3 * 20 + 20, "buffers": {"five_years": 4 * 5 * 366, "full_house": 4 * 366 + 50}}


@scenario("POST", "checkins", status=201)
def plain(world):
    world.others_check_in()
    set_streak(world, 3)
    return partial(do_it, world)


# The challenge's streak moves: the members' lists expire.
@scenario("POST", "checkins", "first of the date", status=201, rows=20)
def first_of_the_date(world):
    set_streak(world, 3)
    return partial(do_it, world)


@scenario("POST", "checkins", "milestone", status=201)
def milestone(world):
    world.others_check_in()
    set_streak(world, 6)
    return partial(do_it, world)


# Every member is told that it has begun, and sees it in lists.
@scenario("POST", "checkins", "activation", status=201, rows=40)
def activation(world):
    set_streak(world, 3)
    Challenge.objects.filter(pk=world.dare.pk).update(status="pending")
    return partial(do_it, world)


@scenario("POST", "checkins", "already checked in", status=400)
def repetition(world):
    do_it(world)
    return partial(do_it, world)


@scenario("POST", "checkins", "with a key", status=201)
def keyed(world):
    world.others_check_in()
    set_streak(world, 3)
    return partial(do_it, world, headers=KEY)


@scenario("POST", "checkins", "first of the date, with a key", status=201, rows=20)
def keyed_first_of_the_date(world):
    set_streak(world, 3)
    return partial(do_it, world, headers=KEY)


@scenario("POST", "checkins", "replayed", status=201)
def replayed(world):
    do_it(world, headers=KEY)
    return partial(do_it, world, headers=KEY)


@scenario("POST", "checkins", "not a member", status=403)
def intrusion(world):
    return partial(check_in_as, testing.Api(testing.make_user("Ute")), world)


@scenario("GET", "checkins", is_page=True)
def mine(world, **query):
    return partial(world.api.get, "/checkins", query)


@scenario("GET", "checkins", "of one challenge", is_page=True)
def mine_of_one_challenge(world, **query):
    return partial(world.api.get, "/checkins", {"challenge_id": str(world.dare.pk)} | query)


@scenario("GET", "checkins", "cursor")
def mine_behind(world):
    cursor = world.api.get("/checkins", {"limit": 1}).json()["next_cursor"]
    return partial(world.api.get, "/checkins", {"cursor": cursor})


@scenario("GET", "checkins/<checkin_id>")
def one(world):
    return partial(world.api.get, f"/checkins/{one_of(world, world.me)}")


@scenario("GET", "checkins/<checkin_id>", "of another member")
def one_of_another(world):
    return partial(world.api.get, f"/checkins/{one_of(world, world.crowd[0])}")


@scenario("PATCH", "checkins/<checkin_id>")
def caption(world):
    return partial(world.api.patch, f"/checkins/{done_today(world)}", {"caption": "Well done"})


@scenario("DELETE", "checkins/<checkin_id>", status=204, **DAYS)
def take_back(world):
    world.others_check_in()
    return partial(world.api.delete, f"/checkins/{done_today(world)}")


@scenario("DELETE", "checkins/<checkin_id>", "the only one of the date", status=204, **DAYS)
def take_back_the_only_one(world):
    CheckIn.objects.filter(user=world.me, checkin_date=world.today).delete()
    return partial(world.api.delete, f"/checkins/{done_today(world)}")


@scenario("DELETE", "checkins/<checkin_id>", "of an earlier day", status=204, **DAYS)
def take_back_an_earlier_one(world):
    return partial(world.api.delete, f"/checkins/{one_of(world, world.me)}")


@scenario("GET", "challenges/<challenge_id>/checkins", is_page=True)
def feed(world, **query):
    return partial(world.api.get, f"/challenges/{world.dare.pk}/checkins", query)


@scenario("GET", "challenges/<challenge_id>/checkins", "of one date", is_page=True)
def feed_of_one_date(world, **query):
    date = {"date": str(world.today - DAY)}
    return partial(world.api.get, f"/challenges/{world.dare.pk}/checkins", date | query)


@scenario("GET", "challenges/<challenge_id>/checkins", "cursor")
def feed_behind(world):
    path = f"/challenges/{world.dare.pk}/checkins"
    return partial(world.api.get, path, {"cursor": world.api.get(path, {"limit": 1}).json()["next_cursor"]})


@scenario("GET", "challenges/<challenge_id>/progress")
def progress(world):
    world.others_check_in()
    return partial(world.api.get, f"/challenges/{world.dare.pk}/progress")


@scenario("GET", "checkins/challenges/<challenge_id>/today")
def today(world):
    world.others_check_in()
    return partial(world.api.get, f"/checkins/challenges/{world.dare.pk}/today")


@scenario("GET", "challenges/<challenge_id>/checkins/today")
def today_by_its_other_name(world):
    world.others_check_in()
    return partial(world.api.get, f"/challenges/{world.dare.pk}/checkins/today")


def do_it(world, **options):
    body = {"challenge_id": world.dare.pk, "habit_id": world.habit, "caption": "Done"}
    return world.api.post("/checkins", body, **options)


def check_in_as(api, world):
    return api.post("/checkins", {"challenge_id": world.dare.pk, "habit_id": world.habit, "caption": "Done"})


def done_today(world):
    return do_it(world).json()["checkin"]["id"]


def set_streak(world, days):
    """The same at every size: which streak is a milestone must not depend on it."""
    User.objects.filter(pk=world.me.pk).update(current_streak=days, longest_streak=days)


def one_of(world, user):
    return CheckIn.objects.filter(user=user, challenge=world.dare).values_list("pk", flat=True).first()
