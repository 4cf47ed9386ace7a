"""The races of people who reach different processes: over HTTP to the real server with two workers and the cache."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from darezone.tests import deployment
from darezone.tests.deployment import Person

pytestmark = pytest.mark.races
ROUNDS = 4
HABITS = [deployment.HABIT[:-1] + str(number) for number in range(1, 5)]


@pytest.fixture(scope="class")
def server(database):
    with deployment.server(database, workers=2, CACHE_ENABLED="true") as started:
        deployment.until(lambda: started.listening() == 2)
        yield started


@pytest.fixture(scope="class")
def people(server, database):
    """New ones: what the cache of this machine knows of others is none of theirs."""
    found = [server.sign_up(f"racer{number}") for number in range(20)]
    yield found
    assert "no difference" in database.run("manage.py", "audit"), "every counter equals a recount"


def at_once(*calls):
    start = threading.Barrier(len(calls))
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(lambda call: (start.wait(20), call())[1], calls))


def statuses(answers):
    return dict(Counter(answer.status for answer in answers))


def dare(person: Person, **changes) -> dict:
    body = {"name": "Race", "habit_ids": HABITS, "type": "group", "require_evidence": False, "is_public": True}
    dates = {"start_date": deployment.day(-2), "end_date": deployment.day(30)}
    made = person.post("/challenges", body | dates | changes)
    assert made.status == 201, made
    return made.body


def checking_in(person: Person, challenge: dict, habit: int = 0):
    return lambda: person.post("/checkins", {"challenge_id": challenge["id"], "habit_id": HABITS[habit]})


class TestRaces:
    def test_one_of_twenty_equal_check_ins_is_stored__hc30(self, people, database):
        for _ in range(ROUNDS):
            challenge = dare(people[0])
            answers = at_once(*[checking_in(people[0], challenge)] * 20)
            assert statuses(answers) == {201: 1, 400: 19}
            assert {answer.body.get("code") for answer in answers} == {None, "already_checked_in"}
            sql = "SELECT count(*) FROM check_ins WHERE challenge_id = %s"
            assert database.value(sql, challenge["id"]) == 1

    def test_four_habits_of_one_day_make_one_day__hc31(self, people):
        for person in people[1 : ROUNDS + 1]:
            challenge = dare(person)
            answers = at_once(*[checking_in(person, challenge, habit) for habit in range(4)])
            assert statuses(answers) == {201: 4}
            mine = person.get(f"/challenges/{challenge['id']}").body["my_stats"]
            assert (mine["current_streak"], mine["total_checkins"], mine["points_earned"]) == (1, 4, 40)

    def test_five_places_are_taken_by_five__hc32(self, people, database):
        for _ in range(ROUNDS):
            challenge = dare(people[0], max_members=6)
            path = f"/challenges/{challenge['id']}/join"
            answers = at_once(*[lambda person=person, path=path: person.post(path) for person in people[1:]])
            assert statuses(answers) == {200: 5, 400: 14}
            sql = "SELECT member_count FROM challenges WHERE id = %s"
            assert database.value(sql, challenge["id"]) == 6

    def test_the_count_is_exact_whoever_comes_and_goes__hc33(self, people, database):
        challenge, crowd = dare(people[0], max_members=8), people[1:7]
        path = f"/challenges/{challenge['id']}"

        def come_and_go(person):
            return {person.post(f"{path}/{way}").status for _ in range(ROUNDS) for way in ("join", "leave")}

        assert set().union(*at_once(*[lambda person=person: come_and_go(person) for person in crowd])) <= {200, 400}
        counts = "SELECT member_count = (SELECT count(*) FROM challenge_members m WHERE m.challenge_id = c.id"
        assert database.value(f"{counts} AND m.status = 'active') FROM challenges c WHERE id = %s", challenge["id"])

    def test_a_delete_while_another_arrives__hc40(self, people):
        """The audit at the end recounts."""
        for person in people[5 : 5 + ROUNDS]:
            challenge = dare(person)
            made = checking_in(person, challenge)().body["checkin"]["id"]
            answers = at_once(
                lambda person=person, made=made: person.ask("DELETE", f"/checkins/{made}"),
                checking_in(person, challenge, 1),
                checking_in(person, challenge, 0),
            )
            assert [answers[0].status, answers[1].status] == [204, 201] and answers[2].status in (201, 400)

    def test_one_of_ten_refreshes_passes__hc37(self, server):
        nobody = Person(server.port, {})
        for number in range(ROUNDS):
            body = {"email": f"racer{number}@example.com", "password": deployment.PASSWORD}
            token = {"refresh_token": nobody.post("/auth/login", body).body["refresh_token"]}
            assert statuses(at_once(*[lambda token=token: nobody.post("/auth/refresh", token)] * 10)) == {
                200: 1,
                401: 9,
            }

    def test_no_reader_of_fifty_sees_a_past_edit__hc39(self, people):
        """Whichever process edits and whichever answers: a read that starts after the edit has answered sees it."""
        owner, challenge = people[0], dare(people[0], name="0")
        answered, stale, is_over = [0], [], threading.Event()

        def read():
            while not is_over.wait(0.2):
                least = answered[0]
                names = [row["name"] for row in owner.get("/challenges?limit=100").body["challenges"]]
                stale.extend([(least, names)] if max(int(name) for name in names if name.isdigit()) < least else [])

        def edit():
            try:
                for number in range(1, 11):
                    assert (
                        owner.ask_json("PATCH", f"/challenges/{challenge['id']}", {"name": str(number)}).status == 200
                    )
                    answered[0] = number
            finally:
                is_over.set()

        at_once(edit, *[read] * 50)
        assert answered == [10] and stale == []
