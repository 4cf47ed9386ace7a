from functools import partial

from apps.notifications.models import Notification
from apps.profiling.tests.scenarios.registry import scenario

TOKEN = {"token": "ExponentPushToken[one]"}


@scenario("GET", "notifications", is_page=True)
def inbox(world, **query):
    return partial(world.api.get, "/notifications", query)


@scenario("GET", "notifications", "unread", is_page=True)
def unread(world, **query):
    return partial(world.api.get, "/notifications", {"unread_only": "true"} | query)


@scenario("GET", "notifications", "cursor")
def behind(world):
    cursor = world.api.get("/notifications", {"limit": 1}).json()["next_cursor"]
    return partial(world.api.get, "/notifications", {"cursor": cursor})


@scenario("GET", "notifications/unread/count")
def unread_count(world):
    return partial(world.api.get, "/notifications/unread/count")


@scenario("POST", "notifications/mark-read")
def mark_read(world):
    ids = Notification.objects.filter(user=world.me).values_list("pk", flat=True)
    return partial(world.api.post, "/notifications/mark-read", {"notification_ids": list(ids)})


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
    return partial(world.api.delete, f"/notifications/{own.first()}")
