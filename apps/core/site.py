"""The staff site: its front page, its menu, and what its answers forbid a browser."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

# Whatever a page shows is loaded from here and sent to nobody else. Scripts cannot be stricter than this: Alpine, which
# the theme is written in, evaluates what stands in attributes.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PLAIN_ICON = "table_rows"
MOST_RESULTS = 50


class StaffSite(UnfoldAdminSite):
    index_title = "Dashboard"

    def admin_view(self, view, cacheable=False):
        return forbidding(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return forbidding(super().login)(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """With our form: the theme's knows only Django's rules for passwords."""
        return AdminSite.password_change(self, request, extra_context)

    def search(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Pages by name. The theme's own search asks the tables for every row that fits and caches what it found."""
        term = request.GET.get("s", "").strip().lower()
        found = [page for page in self.pages(request) if term and term in page.title.lower()]
        shown = Paginator(found[:MOST_RESULTS], MOST_RESULTS)
        context = {"search_term": term, "page_obj": shown, "results": shown.page(1), "page_counter": 0}
        template = "unfold/helpers/command_results.html"
        return TemplateResponse(request, template, context | {"execution_time": 0}, headers={"HX-Trigger": "search"})

    def pages(self, request: HttpRequest) -> list[SearchResult]:
        return [
            SearchResult(title=item["title"], description=group["title"], link=item["link"], icon=item["icon"])
            for group in menu(request, self)
            for item in group["items"]
        ]


def forbidding(view):
    """Its answers go into no frame, the theme's own included, and load nothing from elsewhere."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Frame-Options"] = "DENY"
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return answer


def menu(request: HttpRequest, site: AdminSite | None = None) -> list[dict[str, Any]]:
    """Groups of links: every model that this person may see, by app, and what developers look at."""
    from django.contrib.admin import site as default

    site = site or default
    groups = [
        {"title": app["name"], "items": [item_of(site, model) for model in app["models"]]}
        for app in site.get_app_list(request)
    ]
    first = {"title": "", "items": [{"title": "Dashboard", "icon": "dashboard", "link": reverse("admin:index")}]}
    return [first, *groups, {"title": "Developers", "items": developer_links()}]


def item_of(site: AdminSite, model: dict[str, Any]) -> dict[str, Any]:
    icon = getattr(site.get_model_admin(model["model"]), "icon", PLAIN_ICON)
    return {"title": str(model["name"]), "icon": icon, "link": model["admin_url"]}


def developer_links() -> list[dict[str, Any]]:
    """Of pages that this configuration has."""
    pages = [
        ("Performance", "speed", link_to("performance:requests")),
        ("Request profiles", "query_stats", link_to("silk:requests")),
        ("API documentation", "api", "/docs" if settings.ENABLE_DOCS else ""),
    ]
    return [{"title": title, "icon": icon, "link": link} for title, icon, link in pages if link]


def link_to(name: str) -> str:
    """Empty where there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
