"""A creator with a friend: creates a challenge, lets the friend in, edits it, and archives it again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from locust import task
from locust.exception import StopUser

from locustfiles import answers
from locustfiles.person import PASSWORD, Person, next_email

HABIT = {"id": str, "name": str, "is_system": bool}


class Creator(Person):
    weight = 10

    def log_in(self) -> None:
        super().log_in()
        self.arrive()  # the friend has a turn of their own
        email = next_email()
        credentials = {"email": email, "password": PASSWORD}
        friend = self.post("/auth/login", credentials, check=answers.tokens_of(email))
        if not friend:
            raise StopUser
        self.friend_id = friend["user"]["id"]
        self.as_friend = {"Authorization": f"Bearer {friend['access_token']}"}

    @task
    def run_a_challenge(self) -> None:
        """What was created is archived at the end: no run leaves lists longer than it found them."""
        self.challenge = self.create()
        if not self.challenge:
            return
        self.walk(self.find, self.let_friend_in, self.make_admin, self.edit, self.send_friend_away)
        self.wait()
        self.ask("DELETE", "/challenges/{id}", self.challenge["id"], status=204)

    def create(self) -> dict | None:
        habits = self.see("/habits", check=answers.rows(None, HABIT, least=4))
        if not habits:
            return None
        self.wait()
        body = plan([habit["id"] for habit in habits[:3]])
        check = answers.about(answers.with_me("members", self.user_id), name=body["name"], my_role="creator")
        return self.post("/challenges", body, status=201, check=check, headers={"Idempotency-Key": str(uuid4())})

    def find(self) -> dict | None:
        return self.see("/challenges", check=first_is(self.challenge["id"]))

    def let_friend_in(self) -> dict | None:
        code, check = {"invite_code": self.challenge["invite_code"]}, answers.with_me("members", self.friend_id)
        return self.post("/challenges/join", code, check=check, headers=self.as_friend)

    def make_admin(self) -> dict | None:
        ids, check = (self.challenge["id"], self.friend_id), answers.about(user_id=self.friend_id, role="admin")
        return self.ask("PATCH", "/challenges/{id}/members/{user_id}", *ids, json={"role": "admin"}, check=check)

    def edit(self) -> dict | None:
        """The friend sees the new words at once."""
        id, written = self.challenge["id"], {"name": f"{self.challenge['name']} again", "description": "Edited."}
        check = answers.about(answers.detail_of(id), **written)
        edited = self.ask("PATCH", "/challenges/{id}", id, json=written, check=check)
        return edited and self.see("/challenges/{id}", id, check=check, headers=self.as_friend)

    def send_friend_away(self) -> bool | None:
        ids = (self.challenge["id"], self.friend_id)
        return self.ask("DELETE", "/challenges/{id}/members/{user_id}", *ids, status=204)


def plan(habit_ids: list[str]) -> dict:
    today = datetime.now(UTC).date()  # noqa: TID251 - no Django here
    return {
        "name": f"Made under load {uuid4().hex[:6]}",
        "type": "group",
        "start_date": today.isoformat(),
        "end_date": (today + timedelta(days=30)).isoformat(),
        "habit_ids": habit_ids,
        "is_public": True,
    }


def first_is(challenge_id: str) -> answers.Check:
    def check(body) -> str | None:
        wrong = answers.own_challenges(body)
        return wrong or answers.other(body["challenges"][0], id=challenge_id)

    return check
