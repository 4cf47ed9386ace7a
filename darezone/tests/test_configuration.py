"""What is written about the configuration is true: .env.example, docker-compose.yml and nginx.conf against the code."""

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
READERS = ("settings.py", "databases.py", "logs.py", "uploads.py")
# wsgi.py says that it serves, bin/test names its database: nobody sets these in a file.
INTERNAL = {"DAREZONE_SERVES", "DJANGO_TEST_DB"}
OF_SERVE = {"HOST", "PORT", "WEB_RELOAD_SECONDS"}
# What part 8.4 of the contract defines; every other name is explained in docs/.
CONTRACT = set(
    """
    ENVIRONMENT DEBUG APP_NAME APP_VERSION ENABLE_DOCS SECRET_KEY JWT_SIGNING_KEY ALLOWED_HOSTS ALLOWED_ORIGINS
    TRUSTED_PROXY_COUNT DATABASE_URL DATABASE_DIRECT_URL DATABASE_POOLER REDIS_URL CACHE_ENABLED CACHE_PROFILE_SECONDS
    CACHE_CHALLENGE_LIST_SECONDS ACCESS_TOKEN_LIFETIME_MINUTES SESSION_TIMEOUT_HOURS MAX_LOGIN_ATTEMPTS
    LOGIN_LOCKOUT_MINUTES THROTTLE_ENABLED THROTTLE_DEFAULT THROTTLE_AUTH THROTTLE_MEDIA THROTTLE_JOIN
    MAX_JSON_BODY_BYTES IDEMPOTENCY_KEY_HOURS MAX_UPLOAD_SIZE_MB MAX_VIDEO_SIZE_MB MAX_AVATAR_SIZE_MB
    STORAGE_BUCKET_PHOTOS STORAGE_BUCKET_VIDEOS STORAGE_BUCKET_AVATARS PUBLIC_BASE_URL MEDIA_ROOT
    MAX_HABITS_PER_CHALLENGE MAX_CHALLENGE_DURATION DEFAULT_HITCH_COUNT HITCH_DAILY_REFILL POINTS_PER_CHECKIN
    POINTS_STREAK_MULTIPLIER STREAK_MILESTONES CHALLENGE_SUCCESS_THRESHOLD STRICT_EVIDENCE NOTIFICATION_EXPIRY_HOURS
    EXPO_ACCESS_TOKEN ENABLE_B2B_FEATURES ORG_STARTER_MAX_MEMBERS ORG_GROWTH_MAX_MEMBERS ORG_ENTERPRISE_MAX_MEMBERS
    LOG_LEVEL LOG_FORMAT SLOW_QUERY_MS
    """.split()
)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]


def read_by_code() -> dict[str, object]:
    """Name and default, None where the default is not a constant, of each variable that settings ask for."""
    trees = [ast.parse((ROOT / "darezone" / name).read_text()) for name in READERS]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and of_env(node.func)]
    return {call.args[0].value: constant(call.args[1]) if call.args[1:] else None for call in calls}


def of_env(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "env"


def constant(node: ast.expr) -> object:
    try:
        return eval(compile(ast.Expression(node), "settings", "eval"), {"__builtins__": {}})  # noqa: S307 - 2 * 1024
    except NameError:
        return None


def example() -> dict[str, tuple[bool, str]]:
    """Of each name in .env.example: whether it is set there, and to what."""
    lines = re.findall(r"^(#?)([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len({name for _, name, _ in lines}) == len(lines), "a name stands there twice"
    return {name: (not sharp, value) for sharp, name, value in lines}


def asked_by_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))


class TestExample:
    def test_it_has_every_setting_and_no_other(self):
        assert set(example()) == set(read_by_code()) - INTERNAL | OF_SERVE | asked_by_compose()

    def test_what_stands_behind_a_sharp_is_the_default(self):
        defaults = {name: shown(value) for name, value in read_by_code().items() if value is not None}
        commented = {name: value for name, (given, value) in example().items() if not given and name in defaults}
        assert len(commented) > 25
        assert commented == {name: defaults[name] for name in commented}

    def test_each_has_a_line_of_meaning(self):
        """Up to three that belong together share one."""
        blocks = (ROOT / ".env.example").read_text().split("\n\n")[1:]
        assert all(re.fullmatch(r"# --- .+ ---(\n# .+(\n#?[A-Z_]+=.*){1,3})+\n?", block) for block in blocks)

    def test_every_name_is_explained_in_the_contract_or_in_docs(self):
        docs = "\n".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
        unexplained = {name for name in set(example()) - CONTRACT if not re.search(rf"\b{name}\b", docs)}
        assert unexplained == set()


def shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


class TestCompose:
    def test_requests_go_through_the_pooler_and_commands_past_it(self):
        environment = SERVICES["web"]["environment"]
        assert "@pgbouncer:5432/" in environment["DATABASE_URL"] and environment["DATABASE_POOLER"] == "transaction"
        assert "@postgres:5432/" in environment["DATABASE_DIRECT_URL"]
        assert SERVICES["migrate"]["environment"] == environment

    def test_the_pooler_takes_what_the_check_allows(self):
        pooler = SERVICES["pgbouncer"]["environment"]
        assert pooler["MAX_CLIENT_CONN"] == SERVICES["web"]["environment"]["DATABASE_MAX_CONNECTIONS"]
        assert (pooler["POOL_MODE"], pooler["AUTH_TYPE"]) == ("transaction", "scram-sha-256")

    def test_postgresql_explains_what_is_slow(self):
        command = " ".join(SERVICES["postgres"]["command"])
        assert "shared_preload_libraries=pg_stat_statements,auto_explain" in command
        assert "auto_explain.log_min_duration=500ms" in command

    def test_only_nginx_can_be_reached_and_only_from_this_machine(self):
        ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
        assert list(ports) == ["nginx"] and all(port.startswith("127.0.0.1:") for port in ports["nginx"])

    def test_it_gives_requests_the_time_to_end(self):
        """bin/serve kills a worker after 30 s."""
        assert {SERVICES[name]["stop_grace_period"] for name in ("web", "nginx", "worker")} == {"40s"}

    @pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate", "web", "backup"}))
    def test_every_service_comes_back_by_itself(self, name):
        assert SERVICES[name]["restart"] == "unless-stopped"

    def test_every_service_that_others_wait_for_can_tell_that_it_is_ready(self):
        waits = [wait for service in SERVICES.values() for wait in service.get("depends_on", {}).items()]
        healthy = {name for name, wait in waits if wait["condition"] == "service_healthy"}
        assert healthy == {"postgres", "pgbouncer", "valkey", "web"}
        assert all("test" in SERVICES[name]["healthcheck"] for name in healthy)

    def test_its_door_can_tell_that_it_is_open(self):
        """Or `up --wait` ends well while nginx starts again and again."""
        assert "http://127.0.0.1:8080/" in SERVICES["nginx"]["healthcheck"]["test"]

    def test_no_service_disables_a_check(self):
        """docker compose up --wait ends with 1 then (docker/compose issue 13522), as Compose 2.40.3 did here."""
        assert "HEALTHCHECK" not in (ROOT / "Dockerfile").read_text()
        assert not any("disable" in service.get("healthcheck", {}) for service in SERVICES.values())
