"""Who asks in bin/fuzz, and what is there to ask about."""

import json
import time
from urllib.request import Request, urlopen

PASSWORD = "demo-password"  # noqa: S105 - of the demo data
HABITS = [f"00000000-0000-0000-0000-{number:012d}" for number in range(1, 5)]
CHALLENGES = 6
BUCKET, FILES = "darezone-photos", 2
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: image/png\r\n\r\n'


PEOPLE = {
    "member": "cleo@example.com",
    "manager": "ann@example.com",
    "outsider": "lena@example.com",
    "staff": "admin@example.com",
}
ROLES = {"anonymous": (), **{name: (email,) for name, email in PEOPLE.items()}, "everybody": tuple(PEOPLE.values())}
CROWD = ("cleo@example.com", "dan@example.com")


def scene(url: str, tokens: dict[str, str]) -> dict[str, list[str]]:
    """New challenges of the manager with members and check-ins, and files: what exists, by its parameter's name."""
    manager, *crowd = (tokens[email] for email in (PEOPLE["manager"], *CROWD))
    known = {"user_id": [ask(url, "/auth/me", person)["id"] for person in (manager, *crowd)], "habit_id": HABITS}
    known |= {"challenge_id": [], "checkin_id": [], "invite_code": []}
    for number in range(CHALLENGES):
        made = ask(url, "/challenges", manager, challenge(number))
        known["challenge_id"].append(made["id"])
        known["invite_code"].append(made["invite_code"])
        for person in crowd:
            ask(url, "/challenges/join", person, {"invite_code": made["invite_code"]})
        for person in (manager, *crowd):
            done = {"challenge_id": made["id"], "habit_id": HABITS[0]}
            known["checkin_id"].append(ask(url, "/checkins", person, done)["checkin"]["id"])
    inbox = ask(url, "/notifications?limit=100", manager)["items"]
    known |= {"notification_id": [row["id"] for row in inbox]}
    stored = [upload(url, person) for person in (manager, *crowd) for _ in range(FILES)]
    paths = [file["filename"].partition("/") for file in stored]
    known["user_id"] += [owner for owner, _, _ in paths]
    return known | {"url": [file["url"] for file in stored], "bucket": [BUCKET], "file": [name for *_, name in paths]}


def challenge(number: int) -> dict:
    # Begins two days ago and ends in a month: whatever the zone, today is one of its days.
    first, last = (time.strftime("%Y-%m-%d", time.gmtime(time.time() + day * 86_400)) for day in (-2, 30))
    return {
        "name": f"Fuzzed {number}",
        "start_date": first,
        "end_date": last,
        "habit_ids": HABITS,
        "type": "group",
        "max_members": 50,
        "is_public": number % 2 == 0,
        "require_evidence": False,
    }


def upload(url: str, token: str) -> dict:
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Authorization": f"Bearer {token}"}
    request = Request(f"{url}/api/v1/media/upload?type=photo", HEAD + PICTURE + b"\r\n--x--\r\n", headers)  # noqa: S310
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def log_in(url: str, email: str) -> dict:
    return ask(url, "/auth/login", None, {"email": email, "password": PASSWORD})


def ask(url: str, path: str, token: str | None, body: dict | None = None) -> dict:
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{url}/api/v1{path}", data, headers), timeout=30) as answer:  # noqa: S310
        return json.load(answer)
