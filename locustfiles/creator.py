"""A creator: creates a challenge, lets a friend in, reminds them, edits it, archives it; and makes friends."""

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from locust import task

from locustfiles import answers
from locustfiles.company import Company

HABIT = {"id": str, "name": str, "is_system": bool}


class Creator(Company):
    weight = 10

    @task(2)
    def run_a_challenge(self) -> None:
        """What was created is archived at the end: no run leaves lists longer than it found them."""
        self.challenge = self.create()
        if not self.challenge:
            return
        self.walk(self.find, self.let_friend_in, self.remind, self.make_admin, self.edit, self.send_friend_away)
        self.wait()
        self.ask("DELETE", "/challenges/{id}", self.challenge["id"], status=204)

    @task(1)
    def make_friends(self) -> None:
        self.walk(self.forget_each_other, self.ask_for_friendship, self.be_accepted, self.part)

    def create(self) -> dict | None:
        habits = self.see("/habits", check=answers.rows(None, HABIT, least=4))
        if not habits:
            return None
        self.wait()
        body = plan([habit["id"] for habit in habits[:3]], self.zone)
        check = answers.about(answers.with_me("members", self.user_id), name=body["name"], my_role="creator")
        return self.post("/challenges", body, status=201, check=check, headers={"Idempotency-Key": str(uuid4())})

    def find(self) -> dict | None:
        return self.see("/challenges", check=first_is(self.challenge["id"]))

    def let_friend_in(self) -> dict | None:
        code, check = {"invite_code": self.challenge["invite_code"]}, answers.with_me("members", self.friend_id)
        return self.post("/challenges/join", code, check=check, headers=self.as_friend)

    def remind(self) -> dict | None:
        """Of the two hitches that a membership begins with, one is left."""
        body = {"challenge_id": self.challenge["id"], "habit_id": self.challenge["habits"][0]["id"]}
        sent = answers.about(success=True, hitches_sent=1, remaining_hitches=1)
        return self.post("/hitch", body | {"target_user_ids": [self.friend_id]}, check=sent)

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


def plan(habit_ids: list[str], zone: str) -> dict:
    today = datetime.now(ZoneInfo(zone)).date()  # noqa: TID251 - no Django here
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
