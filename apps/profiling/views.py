"""The performance pages of the staff site: they read and explain, and change nothing."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.profiling import explaining, indexes, reports, server_numbers
from apps.profiling.charts import shares, sparkline
from apps.profiling.models import FINGERPRINT_LENGTH

LONGEST_ID = 20


@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    hours = hours_of(request)
    routes, statements = reports.routes(hours), reports.statements(hours)
    metrics = server_numbers.metrics()
    content = {
        "hours": hours,
        "choices": reports.HOURS,
        "routes": [drawn(route) for route in routes],
        "summary": summary(routes),
        "repeated": reports.repeated(statements),
        "repeats": reports.REPEATS,
        "expensive": reports.expensive(statements),
        "slow": reports.slow(hours),
        "slow_ms": settings.SLOW_QUERY_MS,
        "is_recording": settings.RECORDER,
        "dropped": server_numbers.dropped(metrics),
        "caches": server_numbers.cache_kinds(metrics),
        "pools": server_numbers.pools(metrics),
    }
    return page(request, "requests", content)


@require_GET
def database(request: HttpRequest) -> HttpResponse:
    facts = server_numbers.facts()
    top, reason = server_numbers.top_statements(facts)
    found = indexes.report(connection)
    idle = found["unused"]
    found["unused"] = [finding for finding in idle if finding.operation]
    content = {"facts": facts, "top": top, "reason": reason, "indexes": found}
    return page(request, "database", content | {"exempt": len(idle) - len(found["unused"])})


@require_POST
def explain(request: HttpRequest) -> HttpResponse:
    """By the name of a statement that is stored: no text of a client reaches the database."""
    text, plannable = chosen(request)
    try:
        plan, refusal = explaining.plan(plannable), ""
    except explaining.CannotExplain as sentence:
        plan, refusal = "", str(sentence)
    return page(request, "explain", {"text": text, "plan": plan, "refusal": refusal})


def chosen(request: HttpRequest) -> tuple[str, str]:
    """The text to show and the text to plan. Raises Http404."""
    fingerprint, queryid = (request.POST.get(name, "") for name in ("fingerprint", "queryid"))
    if len(fingerprint) == FINGERPRINT_LENGTH and fingerprint.isalnum():
        if found := explaining.recorded(fingerprint):
            return found.text, found.plannable
    elif fingerprint == "" and queryid.removeprefix("-").isdecimal() and queryid.isascii():
        if len(queryid) <= LONGEST_ID and (text := explaining.of_server(queryid)):
            return text, text
    raise Http404("No such statement is stored.")


def page(request: HttpRequest, name: str, content: dict[str, Any]) -> HttpResponse:
    title = {"requests": "Performance", "database": "Performance: database", "explain": "Plan of a statement"}[name]
    silk = reverse("silk:requests") if settings.PROFILE else ""
    context = admin.site.each_context(request) | {"title": title, "tab": name, "silk": silk} | content
    return TemplateResponse(request, f"profiling/{name}.html", context)


def hours_of(request: HttpRequest) -> int:
    """One of the choices; anything else is the first."""
    return next((hours for hours in reports.HOURS if str(hours) == request.GET.get("hours")), reports.HOURS[0])


def drawn(route: reports.RouteReport) -> dict[str, Any]:
    return {
        "report": route,
        "line": sparkline(route.p95_by_time),
        "parts": shares(route.sql_ms, route.cache_ms, route.python_ms),
        "is_over": route.over_budget > 0,
        "kilobytes": route.bytes / 1024,
        "share": round(100 * route.share, 1),
        "hit_percent": None if route.hit_ratio is None else 100 * route.hit_ratio,
    }


def summary(routes: list[reports.RouteReport]) -> dict[str, Any]:
    number = sum(route.requests for route in routes)
    mean = {
        name: sum(getattr(route, name) * route.requests for route in routes) / (number or 1)
        for name in ("mean_ms", "statements")
    }
    totals = {name: sum(getattr(route, name) for route in routes) for name in ("errors", "over_budget", "repeating")}
    return {"requests": number, **mean, **totals}
