from functools import partial

from apps.notifications.models import Notification
from apps.profiling.tests.scenarios.registry import scenario

# Whether one has expired stands in no index: a page is read for each that is counted, of two thousand.
COUNTS = {"five_years": 1200}
TOKEN = {"token": "ExponentPushToken[one]"}


@scenario("GET", "notifications", is_page=True, buffers=COUNTS)
def inbox(world, **query):
    return partial(world.api.get, "/notifications", query)


@scenario("GET", "notifications", "unread", is_page=True, buffers=COUNTS)
def unread(world, **query):
    return partial(world.api.get, "/notifications", {"unread_only": "true"} | query)


@scenario("GET", "notifications", "cursor")
def behind(world):
    cursor = world.api.get("/notifications", {"limit": 1}).json()["next_cursor"]
    return partial(world.api.get, "/notifications", {"cursor": cursor})


@scenario("GET", "notifications/unread/count", buffers=COUNTS)
def unread_count(world):
    return partial(world.api.get, "/notifications/unread/count")


@scenario("POST", "notifications/mark-read")
def mark_read(world):
    ids = Notification.objects.filter(user=world.me).values_list("pk", flat=True)
    return partial(world.api.post, "/notifications/mark-read", {"notification_ids": list(ids[:100])})


@scenario("POST", "notifications/mark-all-read")
def mark_all_read(world):
    return partial(world.api.post, "/notifications/mark-all-read")


@scenario("POST", "notifications/register-push-token")
def register_push_token(world):
    return partial(world.api.post, "/notifications/register-push-token", TOKEN)


@scenario("POST", "notifications/register-push-token", "taken over")
def take_push_token(world):
    world.as_owner.post("/notifications/register-push-token", TOKEN)
    return register_push_token(world)


@scenario("DELETE", "notifications/push-token")
def remove_push_token(world):
    world.api.post("/notifications/register-push-token", TOKEN)
    return partial(world.api.delete, "/notifications/push-token")


@scenario("DELETE", "notifications/<notification_id>", status=204)
def delete(world):
    own = Notification.objects.filter(user=world.me).values_list("pk", flat=True)
    return partial(world.api.delete, f"/notifications/{own.last()}")
