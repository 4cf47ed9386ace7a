"""What surrounds every answer: headers, CORS, hosts, errors."""

import json

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from psycopg import errors as pg
from psycopg_pool import PoolTimeout

from apps import testing
from apps.accounts import errors as account_errors
from apps.core import errors

pytestmark = pytest.mark.django_db
APP = "http://localhost:3000"


def timed(response):
    """By name, the milliseconds and the description of each entry of Server-Timing."""
    entries = [entry.split(";") for entry in response["Server-Timing"].split(", ")]
    return {name: (float(dur[4:]), desc[0][6:-1] if desc else None) for name, dur, *desc in entries}


class TestHeaders:
    def test_it_repeats_a_good_request_id_and_replaces_a_bad_one(self, as_owner):
        assert as_owner.get("/habits", headers={"X-Request-ID": "abc-1.2_3"})["X-Request-ID"] == "abc-1.2_3"
        for bad in ("", "a b", "x" * 65, "ü"):
            assert as_owner.get("/habits", headers={"X-Request-ID": bad})["X-Request-ID"] not in ("", bad)

    @pytest.mark.parametrize("path", ["/habits", "/nothing", "/api/v1", "/health/live", "/docs"])
    def test_it_tells_time_and_protects_every_response(self, as_owner, path):
        response = as_owner.get(path)
        assert float(response["X-Process-Time"]) >= 0
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        assert response["Referrer-Policy"] == "same-origin"

    def test_it_is_never_stored_and_varies_by_reader(self, as_owner):
        response = as_owner.get("/habits")
        assert (response["Cache-Control"], response["Vary"]) == ("no-store", "Authorization, Origin")

    def test_it_times_the_server_in_development_only(self, as_owner, settings):
        assert "Server-Timing" not in as_owner.get("/habits")
        settings.DEVELOPMENT = True
        warm = timed(as_owner.get("/habits"))
        assert (warm["db"][1], warm["cache"][1]) == ("1 statements", "1 round trips")
        assert warm["app"][0] >= warm["cache"][0] > 0

    def test_it_times_each_request_by_itself(self, as_owner, settings):
        settings.DEVELOPMENT = True
        seen = [timed(as_owner.get("/users/me")) for _ in range(3)]
        # Cold: the look, the tokens that are missing, the principal and the profile together.
        assert [one["cache"][1] for one in seen] == ["3 round trips", "1 round trips", "1 round trips"]
        assert [one["db"][1] for one in seen] == ["2 statements", "0 statements", "0 statements"]

    def test_it_counts_no_round_trip_where_there_is_none(self, anonymous, settings):
        settings.DEVELOPMENT = True
        assert timed(anonymous.get("/health/live"))["cache"] == (0.0, "0 round trips")


class TestSizes:
    def test_it_refuses_huge_headers__hc19(self, as_owner):
        response = as_owner.get("/habits", headers={"X-Large": "x" * 100_000})
        assert (response.status_code, response.json()["code"]) == (431, "bad_request")
        assert response["Connection"] == "close"

    def test_runserver_closes_it_by_itself(self, as_owner, settings):
        settings.DEVELOPMENT = True
        assert "Connection" not in as_owner.get("/habits", headers={"X-Large": "x" * 100_000})


class TestCors:
    @pytest.mark.parametrize("path", ["/habits", "/health", "/nothing"])
    def test_it_answers_a_preflight_without_a_token(self, anonymous, path):
        asked = {
            "Origin": APP,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "x-any, authorization",
        }
        response = anonymous.options(path, headers=asked)
        assert response.status_code == 200
        assert response["Access-Control-Allow-Origin"] == APP
        assert response["Access-Control-Allow-Credentials"] == "true"
        assert "PATCH" in response["Access-Control-Allow-Methods"]
        assert response["Access-Control-Allow-Headers"] == "x-any, authorization"

    def test_it_exposes_the_contracts_headers_to_known_origins(self, as_owner):
        response = as_owner.get("/habits", headers={"Origin": APP})
        exposed = set(response["Access-Control-Expose-Headers"].split(", "))
        assert exposed == {"ETag", "X-Request-ID", "X-Process-Time", "Retry-After", "Idempotent-Replayed"}

    def test_it_says_nothing_to_other_origins(self, as_owner):
        response = as_owner.get("/habits", headers={"Origin": "https://evil.example"})
        assert not [name for name in response.headers if name.lower().startswith("access-control")]


def raised(django_error, cause):
    error = django_error("secret SQL")
    error.__cause__ = cause
    return error


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (Http404(), 404, "not_found"),
            (raised(OperationalError, pg.QueryCanceled()), 503, "service_unavailable"),
            (raised(OperationalError, pg.LockNotAvailable()), 503, "service_unavailable"),
            (raised(OperationalError, pg.DeadlockDetected()), 503, "service_unavailable"),
            (InterfaceError("connection already closed"), 503, "service_unavailable"),
            (PoolTimeout(), 503, "service_unavailable"),
            (raised(DataError, pg.NumericValueOutOfRange()), 422, "validation_error"),
            (raised(IntegrityError, pg.UniqueViolation()), 500, "internal_error"),
            (ValueError("/etc/secret"), 500, "internal_error"),
            (RecursionError(), 500, "internal_error"),
        ],
    )
    def test_it_answers_every_exception_in_the_contracts_shape(self, error, status, code):
        response = errors.answer(error)
        assert (response.status_code, json.loads(response.content)["code"]) == (status, code)
        assert b"secret" not in response.content
        assert ("Retry-After" in response) == (status == 503)

    def test_it_answers_a_known_constraint_by_its_problem(self, owner):
        with pytest.raises(IntegrityError) as caught:
            testing.make_user(email=owner.email)
        assert errors.translate(caught.value).code == account_errors.email_taken.code
