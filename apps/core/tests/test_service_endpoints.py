import re
import threading
import time

import pytest
from django.db import IntegrityError, OperationalError, connection
from drf_spectacular.validation import validate_schema

from apps.core import health
from apps.core.tests import openapi
from apps.core.tests.routes import api_routes
from apps.profiling.tests.counting import counting

pytestmark = pytest.mark.django_db


class TestWelcome:
    def test_it_works(self, anonymous):
        assert anonymous.http.get("/").json() == {
            "message": "Welcome to DareZone API",
            "version": "1.0.0",
            "docs": "/docs",
            "redoc": "/redoc",
            "health": "/health",
            "api": "/api/v1",
        }

    def test_it_lists_the_areas(self, anonymous):
        index = anonymous.get("/api/v1").json()
        assert index["version"] == "1.0"
        assert index["endpoints"]["checkins"] == "/api/v1/checkins"
        assert len(index["endpoints"]) == 10


class TestHealth:
    def test_it_works(self, anonymous):
        answer = anonymous.get("/health").json()
        assert (answer["status"], answer["database"], answer["cache"]) == ("ok", "ok", "ok")
        assert answer["timestamp"].endswith("Z")

    def test_it_is_alive(self, anonymous, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert anonymous.get("/health/live").json() == {"status": "ok"}

    def test_it_is_ready(self, anonymous):
        answer = anonymous.get("/health/ready").json()
        assert answer["status"] == "ok"
        assert set(answer["dependencies"]) == {"database", "cache"}
        assert answer["dependencies"]["database"]["latency_ms"] >= 0

    def test_it_is_degraded_without_the_cache(self, anonymous, monkeypatch):
        monkeypatch.setattr(health, "cache_server", lambda: None)
        assert anonymous.get("/health").json()["status"] == "degraded"
        response = anonymous.get("/health/ready")
        assert (response.status_code, response.json()["status"]) == (200, "degraded")

    def test_it_is_not_ready_without_the_database(self, anonymous, monkeypatch):
        monkeypatch.setattr(health, "_ask_database", out_of_reach)
        assert anonymous.get("/health").status_code == 200
        response = anonymous.get("/health/ready")
        assert response.status_code == 503
        answer = response.json()
        assert (answer["status"], answer["code"]) == ("unavailable", "not_ready")
        assert answer["dependencies"]["database"] == {"status": "error", "latency_ms": None}
        assert int(response["Retry-After"]) >= 1

    def test_it_asks_once(self, anonymous):
        with counting() as found:
            anonymous.get("/health/ready")
        assert len(found.statements) == 1

    def test_it_is_not_ready_without_a_migration(self, anonymous, monkeypatch):
        monkeypatch.setattr(health, "migrations", lambda: ["challenges.0001_initial", "challenges.9999_new"])
        response = anonymous.get("/health/ready")
        answer = response.json()
        assert (response.status_code, answer["status"], answer["code"]) == (503, "unavailable", "not_ready")
        assert answer["dependencies"]["database"]["status"] == "error"
        assert answer["dependencies"]["database"]["latency_ms"] >= 0
        assert anonymous.get("/health").json()["database"] == "error"

    def test_it_does_not_mind_migrations_of_a_later_version(self, anonymous, monkeypatch):
        monkeypatch.setattr(health, "migrations", lambda: ["challenges.0001_initial"])
        assert anonymous.get("/health/ready").json()["status"] == "ok"

    def test_it_says_why_in_the_log_and_not_in_the_answer(self, anonymous, monkeypatch, caplog):
        monkeypatch.setattr(health, "migrations", lambda: ["challenges.9999_new"])
        assert b"9999_new" not in anonymous.get("/health/ready").content
        assert "challenges.9999_new" in caplog.text

    def test_it_waits_a_second_at_most(self, monkeypatch):
        hung = threading.Event()
        monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.05)
        started = time.monotonic()
        assert health._timed("test", hung.wait) is None
        assert time.monotonic() - started < 1
        hung.set()


@pytest.mark.django_db(transaction=True)
class TestInvalidIndexes:
    @pytest.fixture(autouse=True)
    def leftover(self):
        """What a CREATE UNIQUE INDEX CONCURRENTLY leaves that found a duplicate."""
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE leftovers (a int); INSERT INTO leftovers VALUES (1), (1)")
            with pytest.raises(IntegrityError):
                cursor.execute("CREATE UNIQUE INDEX CONCURRENTLY leftover ON leftovers (a)")
        yield
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE leftovers")

    def test_they_degrade_the_database_and_take_nothing_out_of_service(self, anonymous, caplog):
        response = anonymous.get("/health/ready")
        assert (response.status_code, response.json()["status"]) == (200, "degraded")
        assert response.json()["dependencies"]["database"]["status"] == "error"
        assert "'leftover'" in caplog.text
        answer = anonymous.get("/health").json()
        assert (answer["status"], answer["database"]) == ("degraded", "error")


def out_of_reach():
    raise OperationalError


class TestDocumentation:
    @pytest.fixture(autouse=True)
    def enabled(self, settings):
        settings.ENABLE_DOCS = True

    @pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/"])
    def test_it_is_a_page_that_needs_nothing_from_elsewhere(self, anonymous, path):
        response = anonymous.get(path)
        assert response.status_code == 200
        page = response.content.decode()
        assert "DareZone" in page
        assert "https://" not in page.replace("https://github.com", "")

    @pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
    def test_it_is_404_when_it_is_switched_off(self, anonymous, path, settings):
        settings.ENABLE_DOCS = False
        response = anonymous.get(path)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")

    def test_it_is_a_valid_openapi_document(self, anonymous):
        document = anonymous.get("/openapi.json").json()
        validate_schema(document)
        assert "DareZone" in document["info"]["title"]
        assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"

    def test_it_has_every_route_with_its_answers(self, anonymous):
        paths = anonymous.get("/openapi.json").json()["paths"]
        for route in api_routes():
            for method in route.methods:
                if route.view.schema is None or method == "put":
                    continue
                operation = paths["/" + re.sub(r"<[^>]*?(\w+)>", r"{\1}", route.pattern)][method]
                assert operation["responses"], f"{method} {route}"
                assert len(operation["tags"]) == 1, f"{method} {route}"

    def test_it_shows_examples_that_fit_their_shapes(self, anonymous):
        found = list(examples(anonymous.get("/openapi.json").json()))
        wrong = [(place, error) for place, value, schema in found if (error := openapi.violation(value, schema))]
        assert wrong == []
        assert len(found) > 20


def examples(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                for content in answer.get("content", {}).values():
                    for name, example in content.get("examples", {}).items():
                        yield f"{method} {path} {status} {name}", example["value"], content["schema"]
