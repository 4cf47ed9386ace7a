"""A member: opens the app every now and then, checks in, reads what has happened, looks around."""

import random
from datetime import UTC, datetime

from locust import task

from locustfiles import answers
from locustfiles.person import Person

NOTIFICATION = {"id": str, "type": str, "title": str, "body": str, "is_read": bool}
SUCCESS = answers.about(answers.shaped(message=str), success=True)
FOUND = {"id": str, "display_name": str, "is_friend": bool}
KEPT = 3  # notifications: an inbox that is emptied by one run has nothing for the next


class Member(Person):
    weight = 50
    challenge_id: str | None = None
    fellow_id: str | None = None

    @task(4)
    def open_the_app(self) -> None:
        """At once what the first screen shows, then what a person taps."""
        self.see_profile()
        self.see("/notifications/unread/count", check=answers.shaped(count=int))
        self.see_challenges()
        self.tap(self.see_detail, self.see_today, self.check_in, self.read_the_news)

    @task(2)
    def look_around(self) -> None:
        """What the others do."""
        self.tap(self.see_detail, self.see_progress, self.see_feed, self.see_members, self.see_fellow)

    @task(1)
    def look_at_oneself(self) -> None:
        self.see("/auth/me", check=answers.about(email=self.email, id=self.user_id))
        self.see("/users/me/stats", check=answers.shaped(**answers.STATS))
        self.tap(self.search, self.correct_own_check_in, self.move_push)

    def tap(self, *buttons) -> None:
        if not self.challenge_id:
            self.see_challenges()
        for button in buttons if self.challenge_id else ():
            self.wait()
            button()

    def see_challenges(self) -> None:
        page = self.see("/challenges", check=answers.own_challenges)
        running = [row["id"] for row in page["challenges"] if row["status"] == "active"] if page else []
        self.challenge_id = random.choice(running) if running else self.challenge_id

    def see_detail(self) -> None:
        check = answers.with_me("members", self.user_id, answers.detail_of(self.challenge_id))
        detail = self.see("/challenges/{id}", self.challenge_id, check=check)
        others = [row["user_id"] for row in detail["members"] if self.is_to_stay(row)] if detail else []
        self.fellow_id = random.choice(others) if others else None

    def is_to_stay(self, member: dict) -> bool:
        """Not of today: a joiner may have left before the next look, and is then nobody's to see."""
        return member["user_id"] != self.user_id and member["joined_at"][:10] < f"{datetime.now(UTC):%F}"  # noqa: TID251 - no Django here

    def see_today(self) -> None:
        self.see("/checkins/challenges/{id}/today", self.challenge_id, check=answers.board_with_me(self.user_id))

    def see_progress(self) -> None:
        check = answers.with_me("members", self.user_id, answers.about(challenge_id=self.challenge_id))
        self.see("/challenges/{id}/progress", self.challenge_id, check=check)

    def see_feed(self) -> None:
        check = answers.rows("checkins", {"id": str, "user_display_name": str}, challenge_id=self.challenge_id)
        self.see("/challenges/{id}/checkins", self.challenge_id, check=check)

    def see_members(self) -> None:
        self.see("/challenges/{id}/members", self.challenge_id, check=answers.with_me(None, self.user_id))

    def see_fellow(self) -> None:
        if self.fellow_id:
            check = answers.about(answers.shaped(display_name=str, stats=dict), id=self.fellow_id, is_you=False)
            self.see("/users/{id}", self.fellow_id, check=check)

    def search(self) -> None:
        query = f"?q={random.choice(('an', 'no', 'Ros', 'Lop', 'Nguyen'))}"
        self.see("/users/search", query=query, check=answers.rows(None, FOUND))

    def correct_own_check_in(self) -> None:
        """The newest one of today: read in the list and alone, written again, and often the oldest is taken back."""
        self.see("/checkins", check=answers.rows("checkins", {"id": str}, user_id=self.user_id))
        if not self.pairs.done:
            self.check_in()
        if self.pairs.done:
            own, pair = self.pairs.done[-1]
            check = answers.about(id=own, user_id=self.user_id, challenge_id=pair[0])
            self.see("/checkins/{id}", own, check=check)
            written = {"caption": f"Said again, {random.randrange(1000)}"}
            self.ask("PATCH", "/checkins/{id}", own, json=written, check=answers.about(check, **written))
            if random.random() < 0.5:
                self.pairs.take_back_the_oldest()

    def read_the_news(self) -> None:
        check = answers.rows("items", NOTIFICATION, user_id=self.user_id)
        page = self.see("/notifications", check=check)
        items = page["items"] if page else []
        if not items:
            return
        self.wait()
        ids = [item["id"] for item in items[:3]]
        self.post("/notifications/mark-read", {"notification_ids": ids}, check=SUCCESS)
        if len(items) > KEPT:
            self.ask("DELETE", "/notifications/{id}", items[-1]["id"], status=204)
            self.post("/notifications/mark-all-read", check=SUCCESS)

    def move_push(self) -> None:
        token = {"token": f"ExponentPushToken[{self.user_id}]", "device_type": "mobile"}
        self.post("/notifications/register-push-token", token, check=SUCCESS)
        self.ask("DELETE", "/notifications/push-token", check=SUCCESS)
