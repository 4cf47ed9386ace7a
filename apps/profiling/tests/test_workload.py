"""What bin/bench sends is recorded from the real views."""

import json
from uuid import UUID

import pytest

from apps import testing
from apps.accounts.tokens import issue_access
from apps.checkins.models import CheckIn
from apps.core.models import uuid7
from apps.profiling import workload
from apps.profiling.workload import constants_as_text

pytestmark = pytest.mark.django_db


def token(user) -> str:
    return issue_access(user.id, uuid7(), user.token_version)


class TestWorkload:
    def test_it_works(self, challenge):
        made = workload.reads(["me", "challenge"], 10, {})
        request = made["me"]["requests"][0]
        assert request["path"] == "/api/v1/users/me"
        assert json.loads(request["answer"])["id"] == str(request["viewer"])
        assert len(request["statements"]) == len(made["me"]["sql"]) == 2
        assert UUID(json.loads(made["challenge"]["requests"][0]["answer"])["id"]) == challenge.id

    def test_a_query_is_sent(self, challenge):
        made = workload.reads(["discover"], 1, {"discover": "?limit=3"})
        assert json.loads(made["discover"]["requests"][0]["answer"])["limit"] == 3

    def test_a_recorded_write_is_undone(self, owner, challenge):
        body = workload.check_in_body(challenge.id, testing.HABITS[0])
        request = {"path": "/api/v1/checkins", "token": token(owner), "body": body, "status": 201}
        made = workload.recorded([request])["requests"][0]
        assert json.loads(made["answer"])["checkin"]["user_id"] == str(owner.id)
        assert not CheckIn.objects.exists()

    def test_an_unexpected_answer_stops_it(self, owner):
        with pytest.raises(ValueError, match="404"):
            workload.recorded([{"path": "/api/v1/nowhere", "token": token(owner), "status": 200}])


class TestConstants:
    def test_it_works(self):
        texts = ["a = %s AND b = %s AND c LIKE %s"]
        calls = [[0, ["it's", number, "5%"]] for number in (1, 2)]
        constants_as_text(texts, calls)
        assert texts == ["a = 'it''s' AND b = %s AND c LIKE '5%%'"]
        assert calls == [[0, [1]], [0, [2]]]

    def test_ids_stay_parameters_even_for_one_viewer(self):
        texts, calls = ["id = %s"], [[0, [uuid7()]]]
        constants_as_text(texts, calls)
        assert texts == ["id = %s"]
