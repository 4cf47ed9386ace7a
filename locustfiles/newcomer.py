"""A newcomer: signs up, sets up the profile, a picture and a habit, refreshes, changes the password, logs out."""

from urllib.parse import quote
from uuid import uuid4

from locust import task

from locustfiles import answers, picture
from locustfiles.person import Person

ZONE = "Europe/Berlin"
FIRST_PASSWORD, SECOND_PASSWORD = "first under load 1", "second under load 2"


class Newcomer(Person):
    weight = 10

    def on_start(self) -> None:
        """Whoever is new has no account of the seed."""
        self.arrive()

    @task
    def arrive_for_the_first_time(self) -> None:
        self.headers = {}
        self.email = f"new-{uuid4().hex}@load.example"
        is_in = self.enter("/auth/signup", FIRST_PASSWORD, status=201)
        if is_in and self.walk(self.settle, self.show_face, self.add_habit):
            self.walk(self.renew, self.verify, self.change_password, self.leave)

    def enter(self, template: str, password: str, status: int = 200) -> bool:
        credentials = {"email": self.email, "password": password}
        tokens = self.post(template, credentials, status=status, check=answers.tokens_of(self.email))
        return self.is_in(tokens)

    def is_in(self, tokens: dict | None) -> bool:
        if tokens:
            self.take(tokens)
        return bool(tokens)

    def settle(self) -> dict | None:
        check = answers.about(answers.profile_of(self.email, self.user_id), full_name="New Comer")
        settled = self.ask("PATCH", "/users/me", json={"full_name": "New Comer", "timezone": ZONE}, check=check)
        empty = answers.about(answers.shaped(**answers.PAGE), total=0)
        return settled and self.see("/users/me", check=check) and self.see("/challenges", check=empty)

    def show_face(self) -> dict | None:
        """And thinks better of it: no run leaves files."""
        kept = answers.about(answers.shaped(url=str, filename=str), success=True, size=len(picture.PNG), type="avatar")
        form = {"query": "?type=avatar", "headers": picture.FORM, "data": picture.BODY}
        stored = self.post("/media/upload", check=kept, **form)
        gone = answers.about(success=True)
        return stored and self.ask("DELETE", "/media", query=f"?url={quote(stored['url'], safe='')}", check=gone)

    def add_habit(self) -> dict | None:
        habit = {"name": "Read the manual", "icon": "📖", "category": "mind"}
        made = self.post("/habits", habit, status=201, check=answers.about(is_system=False, **habit))
        return made and self.see("/habits", check=last_is(made["id"]))

    def renew(self) -> bool:
        body = {"refresh_token": self.refresh_token}
        return self.is_in(self.post("/auth/refresh", body, check=answers.tokens_of(self.email)))

    def verify(self) -> dict | None:
        return self.post("/auth/verify", check=answers.about(valid=True, email=self.email))

    def change_password(self) -> bool:
        body = {"current_password": FIRST_PASSWORD, "new_password": SECOND_PASSWORD}
        return self.is_in(self.post("/auth/password", body, check=answers.tokens_of(self.email)))

    def leave(self) -> bool:
        """The token that has just logged out is worth nothing on the very next request. The new password is."""
        if not self.post("/auth/logout", check=answers.about(success=True)):
            return False
        self.see("/auth/me", status=401, check=answers.about(code="invalid_token"))
        self.wait()
        return self.enter("/auth/login", SECOND_PASSWORD)


def last_is(habit_id: str) -> answers.Check:
    listed = answers.rows(None, {"id": str, "name": str}, least=1)
    return lambda body: listed(body) or answers.other(body[-1], id=habit_id)
