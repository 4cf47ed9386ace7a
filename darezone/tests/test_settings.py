"""Settings refuse nonsense with a sentence that names the variable."""

import hashlib
import os
import subprocess
import sys

import pytest

GOOD = {
    "STATIC_ROOT": os.path.dirname(__file__),  # what collectstatic would have filled
    "ENVIRONMENT": "production",
    "SECRET_KEY": hashlib.sha512(b"one").hexdigest(),
    "JWT_SIGNING_KEY": hashlib.sha512(b"two").hexdigest(),
    "ALLOWED_HOSTS": "api.example.com",
    "PUBLIC_BASE_URL": "https://api.example.com",
    "DATABASE_URL": "postgresql://u@localhost/d",
    "REDIS_URL": "redis://localhost:6379/0",
}


def start(**changes: str | None) -> subprocess.CompletedProcess:
    """Loads settings, applications and middleware in a process of its own; None unsets a variable."""
    environment = {"PATH": os.environ["PATH"]} | GOOD | changes
    environment = {name: value for name, value in environment.items() if value is not None}
    command = [sys.executable, "-W", "error", "-c", "import darezone.wsgi"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


class TestStart:
    def test_it_works(self):
        assert start().returncode == 0

    @pytest.mark.parametrize("environment", ["development", "test", "load"])
    def test_it_works_in_every_environment(self, environment):
        assert start(ENVIRONMENT=environment).returncode == 0

    def test_it_works_with_request_profiles_in_development(self):
        result = start(ENVIRONMENT="development", DAREZONE_PROFILE="1")
        assert result.returncode == 0, result.stderr

    def test_it_needs_no_secrets_in_development(self):
        assert start(ENVIRONMENT="development", SECRET_KEY=None, JWT_SIGNING_KEY=None).returncode == 0

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ENVIRONMENT", "prod"),
            ("SECRET_KEY", None),
            ("JWT_SIGNING_KEY", None),
            ("JWT_SIGNING_KEY", "short"),
            ("JWT_SIGNING_KEY", GOOD["SECRET_KEY"]),
            ("JWT_SIGNING_KEY_PREVIOUS", "short"),
            ("THROTTLE_AUTH", "0"),
            ("DEBUG", "true"),
            ("DEBUG", "maybe"),
            ("DAREZONE_PROFILE", "1"),
            ("DATABASE_URL", None),
            ("DATABASE_URL", "sqlite:///db.sqlite3"),
            ("REDIS_URL", None),
            ("PUBLIC_BASE_URL", None),
            ("PUBLIC_BASE_URL", "api.example.com"),
            ("ALLOWED_HOSTS", "*"),
            ("ALLOWED_ORIGINS", "*"),
            ("MAX_CHALLENGE_DURATION", "366"),
            ("MAX_HABITS_PER_CHALLENGE", "5"),
            ("MAX_LOGIN_ATTEMPTS", "0"),
            ("MAX_VIDEO_SIZE_MB", "0"),
            ("CHALLENGE_SUCCESS_THRESHOLD", "101"),
            ("POINTS_PER_CHECKIN", "-1"),
            ("STREAK_MILESTONES", "7,x"),
            ("LOG_LEVEL", "LOUD"),
            ("WEB_THREADS", "٣"),
            ("DATABASE_POOLER", "statement"),
            ("DATABASE_STATEMENT_TIMEOUT_MS", "0"),
            ("DATABASE_POOL_SIZE", "65"),
        ],
    )
    def test_it_refuses_nonsense_by_name(self, name, value):
        result = start(**{name: value})
        assert result.returncode == 1
        last = result.stderr.strip().splitlines()[-1]
        assert last.startswith("django.core.exceptions.ImproperlyConfigured: ") and name in last

    @pytest.mark.parametrize("environment", ["test", "load"])
    def test_request_profiles_belong_to_development(self, environment):
        result = start(ENVIRONMENT=environment, DAREZONE_PROFILE="1")
        assert result.returncode == 1
        assert "DAREZONE_PROFILE" in result.stderr.strip().splitlines()[-1]

    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("E006", {"DATABASE_POOLER": "transaction"}),
            ("E007", {"DATABASE_MAX_CONNECTIONS": "20", "WEB_WORKERS": "4"}),
            ("E008", {"DATABASE_STATEMENT_TIMEOUT_MS": "30000"}),
            ("E013", {"THROTTLE_REDIS_URL": GOOD["REDIS_URL"]}),
            ("E018", {"SECRET_KEY": "s" * 60}),
        ],
    )
    def test_it_refuses_unsafe_combinations(self, code, changes):
        result = start(**changes)
        assert result.returncode == 1
        last = result.stderr.strip().splitlines()[-1]
        assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: (darezone.{code}) ")

    def test_it_works_behind_a_transaction_pooler(self):
        past = {"DATABASE_DIRECT_URL": "postgresql://u@localhost:5433/d", "WEB_WORKERS": "4", "WEB_INSTANCES": "4"}
        result = start(DATABASE_POOLER="transaction", DATABASE_MAX_CONNECTIONS="69", **past)
        assert result.returncode == 0, result.stderr
