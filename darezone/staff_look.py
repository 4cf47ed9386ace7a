"""How the staff site looks and what its menu holds: the settings of django-unfold."""

from django.templatetags.static import static


def favicon(request) -> str:
    return static("core/favicon.svg")


CONFIGURATION = {
    "SITE_TITLE": "DareZone",
    "SITE_HEADER": "DareZone",
    "SITE_SUBHEADER": "Staff site",
    "SITE_SYMBOL": "local_fire_department",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": favicon}],
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "apps.stats.overview.for_index",
    "SIDEBAR": {"show_search": True, "navigation": "apps.core.site.menu"},
}
