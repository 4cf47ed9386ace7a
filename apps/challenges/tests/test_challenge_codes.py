"""Invite codes: made by chance, tried again, raced for."""

import secrets
from itertools import chain, repeat

import pytest

from apps.accounts.tests.people import at_once, outcome
from apps.challenges.models import INVITE_ALPHABET, Challenge, ChallengeHabit, Membership
from apps.challenges.tests.steps import body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def deal(monkeypatch, *codes, then):
    """Chance gives these codes, and `then` for ever."""
    letters = chain.from_iterable(chain(codes, repeat(then)))
    monkeypatch.setattr(secrets, "choice", lambda alphabet: next(letters))


class TestCode:
    def test_it_has_six_characters_nobody_confuses(self, as_owner):
        codes = [as_owner.post("/challenges", body()).json()["invite_code"] for _ in range(5)]
        assert len(set(codes)) == 5
        assert all(len(code) == 6 and set(code) <= set(INVITE_ALPHABET) for code in codes)

    def test_it_tries_another_when_one_is_taken(self, as_owner, challenge, monkeypatch):
        deal(monkeypatch, *[challenge.invite_code] * 9, then="ZZZZZZ")
        assert as_owner.post("/challenges", body()).json()["invite_code"] == "ZZZZZZ"

    def test_it_gives_up_after_ten_and_leaves_nothing(self, as_owner, challenge, monkeypatch):
        deal(monkeypatch, then=challenge.invite_code)
        response = as_owner.post("/challenges", body())
        assert outcome(response) == (503, "service_unavailable")
        assert response["Retry-After"] == "1"
        assert list(Challenge.objects.all()) == [challenge]


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
class TestCodeRace:
    def test_one_of_several_gets_the_only_free_code(self, as_owner, monkeypatch):
        monkeypatch.setattr(secrets, "choice", lambda alphabet: "A")
        for _ in range(3):
            answers = at_once(*[lambda: as_owner.post("/challenges", body())] * 6)
            assert sorted(answer.status_code for answer in answers) == [201] + [503] * 5
            assert (Challenge.objects.count(), Membership.objects.count(), ChallengeHabit.objects.count()) == (1, 1, 1)
            Challenge.objects.all().delete()
