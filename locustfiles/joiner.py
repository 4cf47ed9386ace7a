"""A joiner: discovers public challenges, joins one, looks at it, leaves again, by its code too."""

import random

from locust import task

from locustfiles import answers
from locustfiles.person import Person

DISCOVERED = {"id": str, "name": str, "member_count": int, "max_members": int}


class Joiner(Person):
    weight = 15
    pages = 1  # that may be looked at; the last answer tells

    @task(3)
    def try_one(self) -> None:
        challenge_id = self.choose()
        if not challenge_id:
            return
        self.wait()
        check = answers.with_me("members", self.user_id, answers.detail_of(challenge_id))
        joined = self.post("/challenges/{id}/join", None, challenge_id, check=check)
        if joined and self.stay(challenge_id):
            self.come_back_by_code(challenge_id, joined["invite_code"])

    @task(1)
    def look_for_a_word(self) -> None:
        query = f"?search={random.choice(('Round', 'month', 'Ro', 'Last%20month'))}"
        self.see("/challenges/discover", query=query, check=answers.rows("challenges", DISCOVERED))

    def choose(self) -> str | None:
        """One with room that is not this person's yet; the pages are everybody's, so others choose it too."""
        query = f"?page={random.randint(1, self.pages)}"
        page = self.see("/challenges/discover", query=query, check=answers.rows("challenges", DISCOVERED))
        listed = page["challenges"] if page else []
        self.pages = min(3, page["pages"] or 1) if page else 1
        free = [row for row in listed if row["my_status"] is None and row["status"] == "active"]
        roomy = [row["id"] for row in free if row["member_count"] < row["max_members"] - 20]
        return random.choice(roomy) if roomy else None

    def stay(self, challenge_id: str) -> bool:
        """The own list knows it at once, and no longer once it has been left."""
        return self.walk(
            lambda: self.see("/challenges", query="?limit=100", check=listing(challenge_id, True)),
            lambda: self.leave(challenge_id),
            lambda: self.see("/challenges", query="?limit=100", check=listing(challenge_id, False)),
        )

    def come_back_by_code(self, challenge_id: str, code: str) -> None:
        self.wait()
        check = answers.with_me("members", self.user_id, answers.detail_of(challenge_id))
        if self.post("/challenges/join", {"invite_code": code}, check=check):
            self.wait()
            self.leave(challenge_id)

    def leave(self, challenge_id: str) -> dict | None:
        return self.post("/challenges/{id}/leave", None, challenge_id, check=answers.shaped(message=str))


def listing(challenge_id: str, expected: bool) -> answers.Check:
    def check(body) -> str | None:
        if wrong := answers.own_challenges(body):
            return wrong
        listed = challenge_id in (row["id"] for row in body["challenges"])
        return None if listed is expected else f"{challenge_id} is {'still' if listed else 'not'} listed"

    return check
