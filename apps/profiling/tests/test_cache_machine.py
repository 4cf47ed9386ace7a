"""Random lives of three people, in which every cached answer equals the one that the database gives at that moment."""

import contextlib
import os
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from apps import testing
from apps.accounts import tokens
from apps.accounts.models import Session, User
from apps.accounts.services import deactivate_user, log_out, update_profile
from apps.challenges.services import edit_challenge
from apps.core import cache, clock
from apps.core.tests import valkey
from apps.core.tests.valkey import wait_until
from apps.notifications.models import NotificationType
from apps.notifications.services import notify
from apps.profiling.tests.freshness import uncached

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

PATHS = ["/users/me", "/users/me/stats", "/auth/me", "/challenges", "/challenges?status_filter=archived"]
PATHS += ["/challenges/discover", "/habits", "/notifications/unread/count", "/users/{other}"]
ZONES = ["UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
person, place = st.integers(0, 2), st.integers(0, 1)
QUICK = settings(
    max_examples=8,
    stateful_step_count=20,
    phases=[Phase.generate],  # what fails is told without being shortened: that takes minutes
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
server_of_its_own: list[valkey.Valkey] = []


class Undone(Exception):
    pass


class Lives(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.now = testing.NOON
        self.time = contextlib.ExitStack()
        self.move_to(self.now)
        self.valkey, self.is_hung = server_of_its_own[0], False
        self.people = [testing.make_user() for _ in range(3)]
        self.sessions = [Session.objects.get(refresh_hash=self.enter(user)) for user in self.people]
        self.places = [self.make_place(is_public) for is_public in (True, False)]
        self.check_ins: list[tuple[int, str]] = []
        testing.forget()  # the lives before this one, and what was made here past the services

    def make_place(self, is_public: bool):
        return testing.make_challenge(*self.people[:2], is_public=is_public, max_members=5)

    def enter(self, user) -> str:
        hash = os.urandom(32).hex()
        Session.objects.create(user=user, refresh_hash=hash, expires_at=self.now + timedelta(days=900))
        return hash

    def api(self, person: int) -> testing.Api:
        api, user, session = testing.Api(), self.people[person], self.sessions[person]
        token = tokens.issue_access(user.pk, session.pk, user.token_version)
        api.headers = {"Authorization": f"Bearer {token}"}
        return api

    def call(self, person: int, method: str, path: str, body=None):
        answer = self.api(person).raw(method, path, testing.orjson.dumps(body or {}))
        assert answer.status_code < 500, answer.content
        return answer

    # --- writes

    @rule(person=person, name=st.integers())
    def edit_profile(self, person, name):
        self.call(person, "PATCH", "/users/me", {"display_name": f"name {name}"[:50]})

    @rule(person=person, zone=st.sampled_from(ZONES))
    def move_house(self, person, zone):
        self.call(person, "PATCH", "/users/me", {"timezone": zone})

    @rule(place=place, name=st.integers(0, 99))
    def edit_challenge(self, place, name):
        self.call(0, "PATCH", f"/challenges/{self.places[place].pk}", {"name": f"place {name}"})

    @rule(place=place, is_public=st.booleans())
    def open_or_close(self, place, is_public):
        self.call(0, "PATCH", f"/challenges/{self.places[place].pk}", {"is_public": is_public})

    @rule(place=place)
    def put_away(self, place):
        self.call(0, "DELETE", f"/challenges/{self.places[place].pk}")
        self.places[place] = self.make_place(is_public=True)
        # Made past the services, as no user can.
        cache.expire("t:discover", *(f"t:{kind}:{user.pk.hex}" for kind in ("u", "ul") for user in self.people))

    @rule(person=person, place=place)
    def roll_back(self, person, place):
        user, today = self.people[person], self.now.date()
        with contextlib.suppress(Undone), transaction.atomic():
            update_profile(user_id=user.pk, display_name="never", timezone="Asia/Kathmandu")
            edits = {"challenge_id": self.places[place].pk, "user_id": self.people[0].pk, "today": today}
            edit_challenge(**edits, changes={"name": "never"})
            self.read(person, 0), self.read(person, 3)
            raise Undone

    @rule(person=person, place=place)
    def join(self, person, place):
        self.call(person, "POST", f"/challenges/{self.places[place].pk}/join")

    @rule(person=person, place=place)
    def leave(self, person, place):
        self.call(person, "POST", f"/challenges/{self.places[place].pk}/leave")

    @rule(person=person, place=place)
    def kick(self, person, place):
        self.call(0, "DELETE", f"/challenges/{self.places[place].pk}/members/{self.people[person].pk}")

    @rule(person=person, place=place, role=st.sampled_from(["admin", "member"]))
    def change_role(self, person, place, role):
        path = f"/challenges/{self.places[place].pk}/members/{self.people[person].pk}"
        self.call(0, "PATCH", path, {"role": role})

    @rule(person=person, place=place, habit=st.integers(0, 1))
    def check_in(self, person, place, habit):
        body = {"challenge_id": self.places[place].pk, "habit_id": testing.HABITS[habit]}
        answer = self.call(person, "POST", "/checkins", body)
        if answer.status_code == 201:
            self.check_ins.append((person, answer.json()["checkin"]["id"]))

    @rule(number=st.integers(0, 9))
    def take_back(self, number):
        if self.check_ins:
            person, id = self.check_ins.pop(number % len(self.check_ins))
            self.call(person, "DELETE", f"/checkins/{id}")

    @rule(person=person, other=person)
    def befriend_or_part(self, person, other):
        asked = self.call(person, "POST", "/friends/request", {"addressee_id": self.people[other].pk})
        if asked.status_code == 201:
            self.call(other, "POST", f"/friends/requests/{asked.json()['id']}/respond", {"action": "accept"})
        else:
            self.call(person, "DELETE", f"/friends/{self.people[other].pk}")

    @rule(person=person, other=person, place=place)
    def hitch(self, person, other, place):
        body = {"challenge_id": self.places[place].pk, "habit_id": testing.HABITS[0]}
        self.call(person, "POST", "/hitch", body | {"target_user_ids": [self.people[other].pk]})

    @rule(person=person)
    def tell(self, person):
        with transaction.atomic():
            notify([self.people[person].pk], NotificationType.STREAK_REMINDER, title="Come", body="Now.", data={})

    @rule(person=person)
    def read_notifications(self, person):
        self.call(person, "POST", "/notifications/mark-all-read")

    @rule(person=person, again=st.booleans())
    def log_out(self, person, again):
        log_out(user_id=self.people[person].pk, session_id=self.sessions[person].pk)
        self.read(person, 0)
        self.sessions[person] = Session.objects.get(refresh_hash=self.enter(self.people[person]))

    @rule(person=st.just(2))
    def deactivate(self, person):
        deactivate_user(user_id=self.people[person].pk)
        self.read(person, 0)
        User.objects.filter(pk=self.people[person].pk).update(is_active=True, token_version=0)
        cache.expire(f"t:u:{self.people[person].pk.hex}")

    # --- what happens to the cache

    @rule(garbage=st.sampled_from([None, b"", b"garbage"]), kind=st.sampled_from(["*t:*", "*:v:*", "*"]))
    def spoil(self, garbage, kind):
        """Tokens, values or all are dropped, or hold rubbish."""
        if not self.is_hung:
            with self.valkey.client() as client:
                for key in client.keys(kind):
                    client.delete(key) if garbage is None else client.set(key, garbage)

    @rule()
    def hang_or_go_on(self):
        self.is_hung = not self.is_hung
        self.valkey.hang() if self.is_hung else self.go_on()

    def go_on(self) -> None:
        self.valkey.go_on()
        wait_until(lambda: not cache.server.breaker.is_open)

    # --- time

    @rule(seconds=st.sampled_from([1, 59, 61, 299, 301, 6 * 3600, 86400, 2 * 86400]))
    def wait(self, seconds):
        self.move_to(self.now + timedelta(seconds=seconds))

    @rule(person=person, seconds=st.sampled_from([-2, 0, 1]))
    def wait_for_midnight(self, person, seconds):
        zone = User.objects.values_list("timezone", flat=True).get(pk=self.people[person].pk)
        self.move_to(max(self.now, clock.next_midnight(zone) + timedelta(seconds=seconds)))

    def move_to(self, instant) -> None:
        self.now = instant
        self.time.close()
        self.time.enter_context(clock.standing_at(instant))

    # --- reads

    @rule(person=person, path=st.integers(0, len(PATHS) - 1))
    def read(self, person, path):
        self.compare(self.api(person), PATHS[path].format(other=self.people[person - 1].pk))

    @rule()
    def read_everything(self):
        for person in range(3):
            api = self.api(person)
            for path in PATHS:
                self.compare(api, path.format(other=self.people[person - 1].pk))

    @invariant()
    def read_most(self):
        """After each step, so that what the next one changes is in the cache."""
        for person in range(3):
            api = self.api(person)
            for path in ("/users/me", "/challenges", "/challenges/discover"):
                self.compare(api, path)

    def compare(self, api, path) -> None:
        cached, true = api.get(path), uncached(lambda: api.get(path))
        assert (cached.status_code, cached.content) == (true.status_code, true.content), path

    def teardown(self):
        try:
            if self.is_hung:
                self.go_on()
            self.read_everything()
        finally:
            self.valkey.go_on()
            self.time.close()


class TestLives:
    @pytest.fixture(autouse=True)
    def own_server(self, settings):
        with valkey.of_its_own() as own, valkey.engine_on(own, settings, timeout=0.05):
            server_of_its_own[:] = [own]
            yield

    def test_every_cached_answer_is_true(self):
        run_state_machine_as_test(Lives, settings=QUICK)

    def test_a_missing_dependency_is_noticed(self, monkeypatch):
        monkeypatch.setattr("apps.challenges.cache.expire_lists", lambda *_: None)
        with pytest.raises(AssertionError, match="/challenges"):
            run_state_machine_as_test(Lives, settings=QUICK)
