"""Somebody with a friend: a second account, which answers what the first one asks of it."""

from locust.exception import StopUser

from locustfiles import answers
from locustfiles.person import PASSWORD, Person, next_email

FRIEND = {"id": str, "display_name": str, "friendship_id": str, "friendship_status": str}
REQUEST = {"id": str, "user_id": str, "requester_display_name": str, "status": str}


class Company(Person):
    abstract = True

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

    def forget_each_other(self) -> bool:
        """Strangers again, whatever an earlier run has left."""
        listed = self.see("/friends", query="?status_filter=all", check=answers.rows("friends", FRIEND))
        if listed and self.friend_id in (row["id"] for row in listed["friends"]):
            return bool(self.part())
        return bool(listed)

    def ask_for_friendship(self) -> dict | None:
        asked = answers.about(requester_id=self.user_id, addressee_id=self.friend_id, status="pending")
        self.friendship = self.post("/friends/request", {"addressee_id": self.friend_id}, status=201, check=asked)
        return self.friendship

    def be_accepted(self) -> dict | None:
        """The friend has the request first in the list, and who asked finds the friend first in the own one."""
        received = first(answers.rows("received", REQUEST), "received", user_id=self.user_id)
        if not self.see("/friends/requests", check=received, headers=self.as_friend):
            return None
        self.wait()
        id, accepted = self.friendship["id"], answers.about(id=self.friendship["id"], status="accepted")
        answer = {"action": "accept"}
        if not self.post("/friends/requests/{id}/respond", answer, id, check=accepted, headers=self.as_friend):
            return None
        friends = answers.rows("friends", FRIEND, friendship_status="accepted")
        return self.see("/friends", check=first(friends, "friends", id=self.friend_id))

    def part(self) -> dict | None:
        return self.ask("DELETE", "/friends/{user_id}", self.friend_id, check=answers.about(success=True))


def first(check: answers.Check, key: str, **expected: str) -> answers.Check:
    def judge(body) -> str | None:
        return check(body) or (answers.other(body[key][0], **expected) if body[key] else f"no {key}")

    return judge
