"""Every setting, from the environment. What is missing or unsafe stops the start with a sentence."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from darezone import caches, databases, env, logs, staff_look, tools, uploads

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env.choice("ENVIRONMENT", "development", ("development", "test", "load", "production"))
PRODUCTION, DEVELOPMENT, TESTING = (ENVIRONMENT == name for name in ("production", "development", "test"))
DEPLOYED = ENVIRONMENT in ("production", "load")
DEBUG = env.flag("DEBUG", DEVELOPMENT)
if DEBUG and DEPLOYED:
    raise ImproperlyConfigured(f"DEBUG must be off when ENVIRONMENT is {ENVIRONMENT}.")

APP_NAME = env.text("APP_NAME", "DareZone API")
APP_VERSION = env.text("APP_VERSION", "1.0.0")
ENABLE_DOCS = env.flag("ENABLE_DOCS", DEBUG)

# --- secrets -----------------------------------------------------------------------------------
# Outside development they are required: a default that ships is a default that gets attacked.
SECRET_KEY = env.text("SECRET_KEY", None if DEPLOYED else "development-only-" + "s" * 48)
JWT_SIGNING_KEY = env.text("JWT_SIGNING_KEY", None if DEPLOYED else "development-only-" + "j" * 48)
JWT_SIGNING_KEY_PREVIOUS = env.text("JWT_SIGNING_KEY_PREVIOUS", "")  # accepted, and signs nothing
if len(JWT_SIGNING_KEY.encode()) < 32 or 0 < len(JWT_SIGNING_KEY_PREVIOUS.encode()) < 32:
    raise ImproperlyConfigured("JWT_SIGNING_KEY and JWT_SIGNING_KEY_PREVIOUS must have at least 32 bytes.")
if SECRET_KEY in (JWT_SIGNING_KEY, JWT_SIGNING_KEY_PREVIOUS):
    raise ImproperlyConfigured("JWT_SIGNING_KEY must differ from SECRET_KEY.")

# --- hosts and origins ---------------------------------------------------------------------------
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", "localhost,127.0.0.1")
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts in production; * switches the check off.")
CORS_ALLOWED_ORIGINS = env.items(
    "ALLOWED_ORIGINS", "http://localhost:19006,http://localhost:8081,http://localhost:3000"
)
if "*" in CORS_ALLOWED_ORIGINS:
    raise ImproperlyConfigured("ALLOWED_ORIGINS must list origins: * cannot be used with credentials.")
CORS_ALLOW_CREDENTIALS = True
CORS_EXPOSE_HEADERS = ["ETag", "X-Request-ID", "X-Process-Time", "Retry-After", "Idempotent-Replayed"]
PUBLIC_BASE_URL = env.text("PUBLIC_BASE_URL", None if PRODUCTION else "")
if PUBLIC_BASE_URL and urlsplit(PUBLIC_BASE_URL).scheme not in ("http", "https"):
    raise ImproperlyConfigured("PUBLIC_BASE_URL must be an http or https address.")
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0, high=10)

# --- applications --------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin: its templates come first
    "apps.core.staff_apps.StaffSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "darezone",
    "apps.core",
    "apps.jobs",
    "apps.accounts",
    "apps.notifications",
    "apps.challenges",
    "apps.checkins",
    "apps.social",
    "apps.media",
    "apps.stats",
    "apps.profiling",
]
MIDDLEWARE = [
    "apps.core.middleware.RequestEnvelope",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",  # before the static files: every answer has its header
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.middleware.Cors",
    "apps.core.staff_site.Session",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.core.staff_site.Authentication",
    "apps.core.staff_site.Messages",
]
ROOT_URLCONF = "darezone.urls"
WSGI_APPLICATION = "darezone.wsgi.application"
LOGIN_URL = "/admin/login/"
APPEND_SLASH = False  # a redirect would lose the body of a POST; RequestEnvelope takes both forms
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- server and database ----------------------------------------------------------------------------
WEB_THREADS = env.integer("WEB_THREADS", 4, low=1, high=64)
WEB_WORKERS = env.integer("WEB_WORKERS", (os.cpu_count() or 1) if DEPLOYED else 1, low=1, high=1024)
WEB_INSTANCES = env.integer("WEB_INSTANCES", 1, low=1, high=10_000)
WEB_TIMEOUT_SECONDS = 30  # bin/serve ends what a stopping process has not answered by then
DATABASE_URL = env.text("DATABASE_URL")
DATABASE_DIRECT_URL = env.text("DATABASE_DIRECT_URL", DATABASE_URL)
DATABASE_POOLER = env.choice("DATABASE_POOLER", "direct", ("direct", "session", "transaction"))
DATABASE_MAX_CONNECTIONS = env.integer("DATABASE_MAX_CONNECTIONS", 0)  # 0: not known; `check --database` asks
DATABASE_LIMITS = databases.limits()
POOL = None if TESTING else databases.pool(WEB_THREADS)  # threads of a test come and go
SERVER_DATABASE = databases.of_server(DATABASE_URL, pooler=DATABASE_POOLER, pool=POOL)
if TESTING:  # runs side by side on one server do not share a database
    SERVER_DATABASE["TEST"] = {"NAME": "test_" + env.text("DJANGO_TEST_DB", "darezone")}
# Only the server goes through the pooler: a command that somebody adds goes past it without knowing.
SERVES = env.flag("DAREZONE_SERVES", TESTING)
PAST_POOLER = "direct" if DATABASE_DIRECT_URL != DATABASE_URL else DATABASE_POOLER
DATABASES = {"default": SERVER_DATABASE if SERVES else databases.of_commands(DATABASE_DIRECT_URL, pooler=PAST_POOLER)}
DATABASE_REPLICA_URL = env.text("DATABASE_REPLICA_URL", "")
if DATABASE_REPLICA_URL and POOL and SERVES:  # a command reads where it writes
    DATABASES["replica"] = databases.of_replica(DATABASE_REPLICA_URL, pool=POOL)
if not SERVES:  # only who works or migrates needs the queue: half a second at each start
    INSTALLED_APPS.insert(INSTALLED_APPS.index("darezone"), "procrastinate.contrib.django")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- cache -----------------------------------------------------------------------------------------
CACHE_ENABLED = env.flag("CACHE_ENABLED", True)
# THROTTLE_REDIS_URL: by default the next database of the same server.
CACHES = caches.configuration(env.text("REDIS_URL"), env.text("THROTTLE_REDIS_URL", ""))
CACHE_PROFILE_SECONDS = env.integer("CACHE_PROFILE_SECONDS", 300, low=1, high=3600)
CACHE_CHALLENGE_LIST_SECONDS = env.integer("CACHE_CHALLENGE_LIST_SECONDS", 60, low=1, high=3600)
CACHE_PREFIX = ""  # tests give each of them its own

# --- throttles: calls a minute, see docs/limits.md -----------------------------------------------------
THROTTLE_ENABLED = env.flag("THROTTLE_ENABLED", PRODUCTION)
THROTTLE_DEFAULT = env.integer("THROTTLE_DEFAULT", 100, low=1)
THROTTLE_AUTH = env.integer("THROTTLE_AUTH", 10, low=1)
THROTTLE_MEDIA = env.integer("THROTTLE_MEDIA", 5, low=1)
THROTTLE_JOIN = env.integer("THROTTLE_JOIN", 20, low=1)

# --- accounts ----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["apps.accounts.passwords.Argon2id"]
ACCESS_TOKEN_LIFETIME_MINUTES = env.integer("ACCESS_TOKEN_LIFETIME_MINUTES", 60, low=1, high=1440)
SESSION_TIMEOUT_HOURS = env.integer("SESSION_TIMEOUT_HOURS", 720, low=1, high=87600)
MAX_LOGIN_ATTEMPTS = env.integer("MAX_LOGIN_ATTEMPTS", 5, low=1, high=1000)
LOGIN_LOCKOUT_MINUTES = env.integer("LOGIN_LOCKOUT_MINUTES", 15, low=1, high=1440)

# --- rules of the game -------------------------------------------------------------------------------
MAX_JSON_BODY_BYTES = env.integer("MAX_JSON_BODY_BYTES", 2 * 1024 * 1024, low=1024)
MAX_HABITS_PER_CHALLENGE = env.integer("MAX_HABITS_PER_CHALLENGE", 4, low=1, high=4)
MAX_CHALLENGE_DURATION = env.integer("MAX_CHALLENGE_DURATION", 365, low=1, high=365)
DEFAULT_HITCH_COUNT = env.integer("DEFAULT_HITCH_COUNT", 2, high=32767)
HITCH_DAILY_REFILL = env.flag("HITCH_DAILY_REFILL", False)
POINTS_PER_CHECKIN = env.integer("POINTS_PER_CHECKIN", 10, high=1000)
POINTS_STREAK_MULTIPLIER = env.integer("POINTS_STREAK_MULTIPLIER", 2, low=1, high=30)
STREAK_MILESTONES = env.integers("STREAK_MILESTONES", "7,30,100,365", low=1)
CHALLENGE_SUCCESS_THRESHOLD = env.integer("CHALLENGE_SUCCESS_THRESHOLD", 80, high=100)
STRICT_EVIDENCE = env.flag("STRICT_EVIDENCE", False)
IDEMPOTENCY_KEY_HOURS = env.integer("IDEMPOTENCY_KEY_HOURS", 24, low=1, high=8760)
NOTIFICATION_EXPIRY_HOURS = env.integer("NOTIFICATION_EXPIRY_HOURS", 720, low=1)
globals().update(uploads.configuration(BASE_DIR, MAX_JSON_BODY_BYTES))

# --- jobs --------------------------------------------------------------------------------------------
WORKER_THREADS = env.integer("WORKER_THREADS", 2, low=1, high=16)
EXPO_ACCESS_TOKEN = env.text("EXPO_ACCESS_TOKEN", "")  # empty: no push
EXPO_PUSH_URL = env.text("EXPO_PUSH_URL", "https://exp.host/--/api/v2/push/send")
PROCRASTINATE_PERIODIC_DEFAULTS = {"max_delay": 24 * 3600}  # what was missed while no worker ran is made up, once

# --- API ---------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "EXCEPTION_HANDLER": "apps.core.errors.answer",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.core.negotiation.JsonOnly",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "apps.core.schema.ApiSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": APP_NAME,
    "VERSION": APP_VERSION,
    "DESCRIPTION": "Challenges of one to four habits: check in every day, keep your streak, earn points.",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [],  # choices stay where they are used: the same words mean different things elsewhere
    "TAGS": [
        {"name": name}
        for name in (
            "Authentication", "Users", "Habits", "Challenges", "Check-ins", "Friends", "Notifications", "Media",
            "Hitch", "History & Stats", "Administration",
        )
    ],
}  # fmt: skip

UNFOLD = staff_look.CONFIGURATION

# --- static files, language, time --------------------------------------------------------------------
STATIC_URL = "/static/"
# Production serves what collectstatic gathered; elsewhere the files come straight from the packages.
STATIC_ROOT = env.text("STATIC_ROOT", str(BASE_DIR / ".local" / "static")) if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False  # stock: every static file says Access-Control-Allow-Origin: *
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

# --- security ----------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = None  # core.parsing refuses by MAX_JSON_BODY_BYTES, with the contract's 413
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health"]  # probes of the machine itself speak plain HTTP
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = False
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # the contract fixes the header: max-age only
    CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
    if TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- logging -----------------------------------------------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = env.choice("LOG_FORMAT", "json" if PRODUCTION else "console", ("json", "console"))
SLOW_QUERY_MS = env.integer("SLOW_QUERY_MS", 500, low=1)
LOGGING = logs.configuration(LOG_LEVEL, LOG_FORMAT)
METRICS_TOKEN = env.text("METRICS_TOKEN", "")

# --- what developers look at: docs/profiling.md ---------------------------------------------------------
RECORDER = env.flag("DAREZONE_RECORDER", not TESTING)  # tests start one where they want it
PROFILE = env.flag("DAREZONE_PROFILE", False)
PROFILE_PERCENT = env.integer("DAREZONE_PROFILE_PERCENT", 100, high=100)
if PROFILE and not DEVELOPMENT:
    raise ImproperlyConfigured("DAREZONE_PROFILE records requests: it belongs to development only.")
if PROFILE:
    DATABASES["silk"] = databases.of_profiles(env.text("DAREZONE_PROFILE_DATABASE_URL", DATABASE_URL))
    DATABASE_ROUTERS = ["apps.profiling.silk_rules.Router"]
    globals().update(tools.silk(INSTALLED_APPS, MIDDLEWARE))
if DEBUG and not TESTING:
    globals().update(tools.toolbar(INSTALLED_APPS, MIDDLEWARE))
