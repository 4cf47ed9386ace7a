"""The short run of bin/fuzz: requests made up from the OpenAPI document, to the server that production starts."""

import json

import pytest

from darezone.tests import deployment  # first: it makes the modules of bin/lib known

import fuzz_run  # isort: skip
from fuzz_roles import CROWD, PEOPLE, log_in, scene  # isort: skip

# A number, not a time: a slow machine asks as much as a fast one.
EACH = ("--max-examples", 3)


@pytest.fixture(scope="class")
def database():
    with deployment.database() as made:
        fuzz_run.document(made.folder, made.environment())
        yield made


@pytest.fixture(scope="class")
def url(database):
    with deployment.server(database) as started:
        yield f"http://127.0.0.1:{started.port}"


class TestMadeUpRequests:
    @pytest.fixture
    def attack(self, database, url):
        tokens = {email: log_in(url, email)["access_token"] for email in (*PEOPLE.values(), *CROWD)}

        def attack(emails):
            facts = {"known": scene(url, tokens), "bound": EACH, "seed": 1}
            asking = [tokens[email] for email in emails]
            return fuzz_run.attack(url, database.folder, name="test", tokens=asking, **facts)

        return attack

    def test_no_answer_is_a_surprise(self, attack, database, capfd):
        outcome = attack(PEOPLE.values())
        assert outcome.code == 0, capfd.readouterr().out
        assert outcome.operations >= 45 and {"200", "401", "422"} <= set(outcome.statuses)
        assert not [status for status in outcome.statuses if status >= "500"]
        database.run("manage.py", "audit")

    def test_a_status_that_is_not_declared_is_found(self, attack, database, capfd):
        """Or the run above would find nothing whatever there was."""
        declared = database.folder / "openapi.json"
        document = json.loads(declared.read_text())
        paths = {"/api/v1/auth/me": document["paths"]["/api/v1/auth/me"]}
        del paths["/api/v1/auth/me"]["get"]["responses"]["401"]
        declared.write_text(json.dumps(document | {"paths": paths}))
        outcome = attack(())
        assert outcome.code == 1 and set(outcome.statuses) == {"401"}, capfd.readouterr().out
