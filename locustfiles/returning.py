"""A client that comes back with the ETags it kept. What has not changed costs no body; what has is never called old."""

import random

from locust import task

from locustfiles import answers
from locustfiles.member import NOTIFICATION
from locustfiles.person import Person, header


class Returning(Person):
    weight = 15
    challenge_id: str | None = None

    def on_start(self) -> None:
        super().on_start()
        self.kept: dict[str, str] = {}  # ETags by path

    @task(4)
    def come_back(self) -> None:
        self.look_again("/users/me", check=answers.profile_of(self.email, self.user_id))
        page = self.look_again("/challenges", check=answers.own_challenges)
        if page:
            self.challenge_id = random.choice(page["challenges"])["id"]
        self.wait()
        self.look_again("/notifications", check=answers.rows("items", NOTIFICATION, user_id=self.user_id))
        self.wait()
        if self.challenge_id:
            check = answers.detail_of(self.challenge_id)
            self.look_again("/challenges/{id}", self.challenge_id, check=check)
        self.look_again("/challenges/discover", check=answers.rows("challenges", {"id": str}))

    @task(1)
    def change_something(self) -> None:
        """After an own write nobody may hear that nothing has changed."""
        check = answers.profile_of(self.email, self.user_id)
        words = {"bio": f"I say this under load: {random.random()}"}
        self.look_again("/users/me", check=check)
        if self.ask("PATCH", "/users/me", json=words, check=answers.about(check, **words)):
            self.look_again("/users/me", check=answers.about(check, **words), changed=True)
        self.wait()
        self.pairs.prepare()  # what is taken back for it is not counted
        before = self.look_again("/users/me", check=check, forget=True)
        if self.check_in() and before:
            total = before["stats"]["total_check_ins"] + 1
            self.look_again("/users/me", check=counts(check, total), changed=True)

    def look_again(
        self, template: str, *ids: str, check: answers.Check, changed: bool = False, forget: bool = False
    ) -> dict | None:
        """The body when there is a new one. A 200 with the ETag that was sent would be a body sent for nothing."""
        path = template + "".join(ids)
        tag = None if forget else self.kept.get(path)
        with self.send("GET", template, ids, headers={"If-None-Match": tag} if tag else None) as response:
            body, problem = self.judge(response, 304 if response.status_code == 304 and tag else 200, check)
            now = header(response, "ETag")
            problem = problem or wrong_tag(response.status_code, tag, now, changed)
            if problem:
                response.failure(problem)
                return None
            self.kept[path] = now
            response.success()
            return body


def wrong_tag(status: int, sent: str | None, received: str | None, changed: bool) -> str | None:
    if not received:
        return "no ETag"
    if status == 304:
        return "304 after an own write" if changed else None if received == sent else "304 with another ETag"
    return "200 with the ETag that was sent" if received == sent else None


def counts(check: answers.Check, total: int) -> answers.Check:
    def judge(body) -> str | None:
        wrong = check(body)
        return wrong or answers.other(body["stats"], total_check_ins=total)

    return judge
