import re
import threading
import time

import pytest
from drf_spectacular.validation import validate_schema

from apps.core import health
from apps.core.tests import openapi
from apps.core.tests.routes import api_routes

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
        monkeypatch.setattr(health, "database", lambda: None)
        assert anonymous.get("/health").status_code == 200
        response = anonymous.get("/health/ready")
        assert response.status_code == 503
        answer = response.json()
        assert (answer["status"], answer["code"]) == ("unavailable", "not_ready")
        assert answer["dependencies"]["database"] == {"status": "error", "latency_ms": None}
        assert int(response["Retry-After"]) >= 1

    def test_it_waits_a_second_at_most(self, monkeypatch):
        hung = threading.Event()
        monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.05)
        started = time.monotonic()
        assert health._timed("test", hung.wait) is None
        assert time.monotonic() - started < 1
        hung.set()


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
