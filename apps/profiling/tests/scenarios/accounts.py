from functools import partial

from apps import testing
from apps.accounts.models import Session
from apps.accounts.tests.people import log_in as logged_in
from apps.core import clock
from apps.core.clock import DAY
from apps.profiling.tests.scenarios.registry import scenario

NEW_PASSWORD = {"current_password": "password", "new_password": "an0ther secret"}


@scenario("POST", "auth/signup", status=201)
def sign_up(world):
    return partial(testing.Api().post, "/auth/signup", {"email": "new@example.com", "password": "an0ther secret"})


@scenario("POST", "auth/login")
def log_in(world):
    return partial(testing.Api().post, "/auth/login", {"email": world.me.email, "password": "password"})


@scenario("POST", "auth/login", "after failures")
def log_in_after_failures(world):
    fail_to_log_in(world)
    return log_in(world)


@scenario("POST", "auth/login", "wrong password", status=401)
def log_in_wrongly(world):
    return partial(fail_to_log_in, world)


@scenario("POST", "auth/refresh")
def refresh(world):
    token = logged_in(world.me)["refresh_token"]
    return partial(testing.Api().post, "/auth/refresh", {"refresh_token": token})


@scenario("POST", "auth/refresh", "stolen", status=401)
def refresh_with_an_old_token(world):
    first = logged_in(world.me)["refresh_token"]
    second = testing.Api().post("/auth/refresh", {"refresh_token": first}).json()["refresh_token"]
    testing.Api().post("/auth/refresh", {"refresh_token": second})
    Session.objects.filter(user=world.me, rotated_at=clock.now()).update(rotated_at=clock.now() - DAY)
    return partial(testing.Api().post, "/auth/refresh", {"refresh_token": first})


@scenario("POST", "auth/password")
def change_password(world):
    return partial(world.api.post, "/auth/password", NEW_PASSWORD)


@scenario("POST", "auth/password", "after failures")
def change_password_after_failures(world):
    fail_to_log_in(world)
    return change_password(world)


@scenario("POST", "auth/verify")
def verify(world):
    return partial(world.api.post, "/auth/verify")


@scenario("POST", "auth/logout")
def log_out(world):
    return partial(world.api.post, "/auth/logout")


@scenario("GET", "auth/me")
def account(world):
    return partial(world.api.get, "/auth/me")


@scenario("GET", "users/me")
def profile(world):
    return partial(world.api.get, "/users/me")


@scenario("PATCH", "users/me")
def change_profile(world):
    return partial(world.api.patch, "/users/me", {"display_name": "Maxi", "bio": "Runs."})


@scenario("PATCH", "users/me", "timezone")
def change_timezone(world):
    return partial(world.api.patch, "/users/me", {"timezone": "Asia/Tokyo"})


@scenario("PUT", "users/me")
def put_profile(world):
    return partial(world.api.put, "/users/me", {"display_name": "Maxi", "timezone": "Asia/Tokyo"})


@scenario("GET", "users/me/stats")
def stats(world):
    return partial(world.api.get, "/users/me/stats")


@scenario("GET", "users/<user_id>")
def someone(world):
    return partial(world.api.get, f"/users/{world.crowd[0].pk}")


@scenario("GET", "users/<user_id>", "myself")
def myself(world):
    return partial(world.api.get, f"/users/{world.me.pk}")


# Beside the people, the challenge that is shared with each of them.
@scenario("GET", "users/search", is_page=True, rows=20)
def search(world, **query):
    return partial(world.api.get, "/users/search", {"q": "anna"} | query)


def fail_to_log_in(world):
    return testing.Api().post("/auth/login", {"email": world.me.email, "password": "wrong"})
