"""The settings of silk and of the debug toolbar: docs/profiling.md tells how to use them."""

from typing import Any

# silk looks for Django's own session and log-in by name; what the API saves by going around them is no matter there.
STOCK = {
    "apps.core.staff_site.Session": "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.core.staff_site.Authentication": "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.core.staff_site.Messages": "django.contrib.messages.middleware.MessageMiddleware",
}
SECRET_KEYS = {
    *("password", "token", "secret", "signature", "email", "username", "authorization", "cookie", "csrf", "session"),
    *("x-csrftoken", "api_key", "idempotency-key", "push_token", "invite_code"),
}
MOST_BYTES = 16 * 1024


def silk(apps: list[str], middleware: list[str]) -> dict[str, Any]:
    return {
        "INSTALLED_APPS": [*apps, "silk"],
        "MIDDLEWARE": [*(STOCK.get(name, name) for name in middleware), "apps.profiling.silk_middleware.Silk"],
        "SILKY_AUTHENTICATION": True,  # staff log in through the admin first
        "SILKY_AUTHORISATION": True,
        "SILKY_INTERCEPT_FUNC": "apps.profiling.silk_rules.is_wanted",  # Silk resolves it when the apps are loaded
        "SILKY_SENSITIVE_KEYS": SECRET_KEYS,
        "SILKY_MAX_REQUEST_BODY_SIZE": MOST_BYTES,
        "SILKY_MAX_RESPONSE_BODY_SIZE": MOST_BYTES,
        "SILKY_META": True,
        "SILKY_ANALYZE_QUERIES": False,
        # No request deletes old ones: `bin/manage silk_request_garbage_collect` does.
        "SILKY_MAX_RECORDED_REQUESTS": 1000,
        "SILKY_MAX_RECORDED_REQUESTS_CHECK_PERCENT": 0,
    }


def toolbar(apps: list[str], middleware: list[str]) -> dict[str, Any]:
    name = "debug_toolbar"
    config = {
        "SHOW_COLLAPSED": True,  # open, it covers half of the documentation
        "UPDATE_ON_FETCH": True,  # on /docs it follows the JSON calls that are tried out
        "RESULTS_CACHE_SIZE": 100,
    }
    return {
        "INSTALLED_APPS": [*apps, name],
        "MIDDLEWARE": [middleware[0], f"{name}.middleware.DebugToolbarMiddleware", *middleware[1:]],
        "DEBUG_TOOLBAR_CONFIG": config,
        "DEBUG_TOOLBAR_PANELS": [
            f"{name}.panels.{panel}"
            for panel in (
                *("history.HistoryPanel", "timer.TimerPanel", "sql.SQLPanel"),
                *("headers.HeadersPanel", "request.RequestPanel", "templates.TemplatesPanel"),
            )
        ],
        "INTERNAL_IPS": ["127.0.0.1", "::1"],
    }
