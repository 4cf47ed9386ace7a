"""In development the debug toolbar keeps a history of calls that have no page to show it on."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from apps.profiling.tests.database_url import url_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.direct("the toolbar is of development, whose server has no pooler"),
]


def test_a_json_call_is_in_the_history_with_its_statements():
    environment = os.environ | {
        **{"ENVIRONMENT": "development", "DEBUG": "true", "ENABLE_DOCS": "true", "ALLOWED_HOSTS": "testserver"},
        **{"DATABASE_URL": url_of(connection.settings_dict["NAME"]), "DJANGO_SETTINGS_MODULE": "darezone.settings"},
    }
    command = [sys.executable, "-m", "apps.profiling.tests.toolbar_process"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["type"] == "application/json" and found["on documentation"]
    assert len(found["history"]) == 1 and "/api/v1/habits" in found["history"][0]
    assert "habits" in found["statements"]
