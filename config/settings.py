"""Django's settings. What differs between machines comes from `config.environment`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from config import admin as console
from config.environment import environment, listed
from config.metrics import places
from config.stack import paths

django_stubs_ext.monkeypatch()

ENV = environment()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = paths.data_dir()
METRICS_DIR = places.establish(DATA_DIR)
TESTING = ENV.environment == "testing"
DEBUG = False

if not ENV.secret_key and not ENV.is_local:
    raise ImproperlyConfigured("Set SECRET_KEY to a long random text; it signs sessions and tokens.")
SECRET_KEY = ENV.secret_key or paths.ensure_secret(DATA_DIR, "signing")
# Seals credentials at rest. Several while one takes the place of another: the first seals, all open, also the one before there were any.
CREDENTIALS_KEYS = [*ENV.sealing_keys, SECRET_KEY]
ALLOWED_HOSTS = ENV.hosts

# Who lives where: docs/architecture.md
SHARED_APPS = [
    "django_tenants",
    "tenants",
    "tenants.provenance",
    "tenants.notifications",
    "projects.work",
    "marketplace",
    "marketplace.reviews",
    "marketplace.evidence",
    "marketplace.browsing",
    "marketplace.moderation",
    "marketplace.enforcement",
    "marketplace.checks",
    "marketplace.sandbox",
    "marketplace.publishing",
    "marketplace.console",
    "config",
    "unfold.apps.BasicAppConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.apps.StaffAdminConfig",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "heroicons",
    "csp",
    "channels",
]
TENANT_APPS = [
    "tenants.workspace",
    "projects",
    "projects.budgets",
    "projects.faults",
    "projects.webhooks",
    "agents",
    "agents.schedules",
    "agents.connections",
    "agents.tools",
    "simulations",
    "simulations.sweeps",
    "marketplace.installs",
    "marketplace.drafts",
]
INSTALLED_APPS = SHARED_APPS + TENANT_APPS
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
ORIGINAL_BACKEND = "django.db.backends.postgresql"
PG_EXTRA_SEARCH_PATHS = ["extensions"]
SKIP_PG_EXTRA_VALIDATION = True  # else every process start, even of `up` before PostgreSQL runs, needs the database
TENANT_LIMIT_SET_CALLS = False
TENANT_MULTIPROCESSING_MAX_PROCESSES = 2
TENANT_MULTIPROCESSING_CHUNKS = 5

ROOT_URLCONF = "config.urls"
PUBLIC_SCHEMA_URLCONF = "config.urls_public"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "tenants.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

MIDDLEWARE = [
    "config.metrics.timing.TimingMiddleware",
    "tenants.middleware.WorkspaceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tenants.middleware.RefusalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.frame.frame",
            ],
        },
    }
]

# PostgreSQL. Prefork workers and commands fork, and a pool must never cross a fork.
HTTP_THREADS = 32
SOCKET_DATABASE_THREADS = 4
_FORKS = "prefork" in sys.argv or (len(sys.argv) > 1 and "manage.py" in sys.argv[0])
POOLED = ENV.database_pool and not _FORKS and not TESTING
_IS_WEB = "config.asgi:application" in sys.argv or sys.argv[0].endswith("config/stack/web.py")
_STATEMENT_SECONDS = 15 if _IS_WEB else 60 if "celery" in sys.argv[0] else 0  # commands take as long as they take
_database = conninfo_to_dict(ENV.database_url or paths.current().database_url())
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "tenants.database",
        "NAME": _database.get("dbname", "guildhall"),
        "USER": _database.get("user", "postgres"),
        "PASSWORD": _database.get("password", ""),
        "HOST": _database.get("host", ""),
        "PORT": str(_database.get("port", "5432")),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s "
            f"-c statement_timeout={_STATEMENT_SECONDS}s",
            "prepare_threshold": 5,  # without a number psycopg prepares nothing, not even what asks for it
        },
    }
}
if POOLED:
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": 16 + SOCKET_DATABASE_THREADS,
        "timeout": 10,
        "max_lifetime": 300,
        "max_idle": 60,
    }
SOCKET_CHECK_SECONDS = ENV.socket_check_seconds

# Redis: database 0 wakes workers, 1 caches, 2 carries live messages. Nothing in it is the only copy of anything.
REDIS_URL = ENV.redis_url or paths.current().redis_url()


def _redis(number: int) -> str:
    parts = urlsplit(REDIS_URL)
    if parts.scheme == "unix":
        return f"unix://{parts.netloc}{parts.path}?db={number}"
    return f"{parts.scheme}://{parts.netloc}/{number}"


def _broker() -> str:
    parts = urlsplit(REDIS_URL)
    return f"redis+socket://{parts.path}?virtual_host=0" if parts.scheme == "unix" else _redis(0)


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _redis(1),
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
    },
    "shared": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _redis(1), "KEY_PREFIX": "shared"},
}
LIVE_REDIS_URL = _redis(2)
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [LIVE_REDIS_URL]}},
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_CACHE_ALIAS = "shared"

CELERY_BROKER_URL = _broker()
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": not REDIS_URL.startswith("unix"),
    "health_check_interval": 10,
    "retry_on_timeout": True,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = False  # PostgreSQL's leases recover lost work; a late ack would only run it twice
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000
CELERY_BEAT_SCHEDULE = {
    "updates": {"task": "installs.look_for_updates", "schedule": 60.0, "options": {"queue": "upkeep", "expires": 60}},
    "health": {"task": "config.publish_health", "schedule": 5.0, "options": {"queue": "upkeep", "expires": 5}},
    "mails": {"task": "notifications.mail", "schedule": 60.0, "options": {"queue": "upkeep", "expires": 60}},
    "old-notifications": {
        "task": "notifications.forget",
        "schedule": 86_400.0,
        "options": {"queue": "upkeep", "expires": 3_600},
    },
    "blocks": {"task": "enforcement.keep", "schedule": 30.0, "options": {"queue": "upkeep", "expires": 30}},
    "publishing": {"task": "publishing.look_after", "schedule": 60.0, "options": {"queue": "upkeep", "expires": 60}},
    "decisions": {"task": "moderation.execute_due", "schedule": 20.0, "options": {"queue": "upkeep", "expires": 20}},
    "figures": {"task": "evidence.fold", "schedule": 900.0, "options": {"queue": "upkeep", "expires": 600}},
    "search": {"task": "browsing.index", "schedule": 300.0, "options": {"queue": "upkeep", "expires": 300}},
    "accused": {
        "task": "moderation.look_at_accused",
        "schedule": 300.0,
        "options": {"queue": "upkeep", "expires": 300},
    },
    "recovery": {"task": "faults.tally", "schedule": 300.0, "options": {"queue": "upkeep", "expires": 300}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

REVOCATIONS_UNKNOWN_SECONDS = 60.0  # after that, runs of what may do much stop, and others are warned
LEASE_SECONDS = ENV.lease_seconds
HEARTBEAT_SECONDS = ENV.heartbeat_seconds
MOST_CRASHES = 3
RUN_SECONDS = ENV.run_seconds
RUNS_PER_WORKER = ENV.runs_per_worker
PROVIDER_PATIENCE_SECONDS = ENV.provider_patience_seconds  # how long a call waits in all while every provider is away
RUNS_PER_WORKSPACE = (
    ENV.runs_per_workspace
)  # at once, over all workers; 0 means no limit. A workspace may have its own.
RUN_DATABASE_THREADS = 4
DRAIN_SECONDS = ENV.drain_seconds
QUESTION_SECONDS = ENV.question_seconds
SHARED_REQUESTS_PER_MINUTE = 60  # of one address, on links that show a run

# Models. Which of them answers is found out when a run starts.
LLM = {
    "ollama_url": ENV.ollama_url,
    "openai_api_key": ENV.openai_api_key,
    "openai_base_url": ENV.openai_base_url,
    "llamacpp_url": ENV.llamacpp_url,
    "ollama_model": ENV.ollama_model,
    "openai_model": ENV.openai_model,
    "anthropic_api_key": ENV.anthropic_api_key,
    "anthropic_model": ENV.anthropic_model,
    "gemini_api_key": ENV.gemini_api_key,
    "gemini_model": ENV.gemini_model,
}
LLM_HEDGING = ENV.llm_hedging  # off, or when a second provider is asked beside a slow first one
LLM_REDIS_URL = _redis(1)
LLM_CACHE = {"process_bytes": 64_000_000, "redis_seconds": 3_600, "database_days": ENV.llm_cache_days}

# Plays: how large one may be (work is agents x steps), how many may run at once in a workspace (0: no limit), how long one call
# of a model may take
SIMULATIONS_MAX_AGENTS, SIMULATIONS_MAX_STEPS = ENV.simulations_max_agents, ENV.simulations_max_steps
SIMULATIONS_MAX_WORK, SIMULATIONS_MAX_CONCURRENT = ENV.simulations_max_work, ENV.simulations_max_concurrent
SIMULATIONS_CALL_SECONDS = ENV.simulations_call_seconds

# Sweeps: runs of one, and how many of its runs are played at the same time
SWEEPS_MAX_RUNS, SWEEPS_AT_ONCE = ENV.sweeps_max_runs, ENV.sweeps_at_once

# The market. Trials are counted by the hour.
MARKET_TWO_STEP = ENV.publishing_takes_two_steps
SANDBOX_MODELS = ENV.sandbox_models
SANDBOX_RUNS_AT_ONCE = ENV.sandbox_runs_at_once
SANDBOX_RUN_SECONDS = ENV.sandbox_run_seconds
SANDBOX_MOST_USD = ENV.sandbox_most_usd  # of one evaluation, and of one trial
TRIALS_PER_ADDRESS, TRIALS_IN_TOTAL = ENV.trials_per_address, ENV.trials_in_total
# Workspaces that never ask a model, whatever the operator's settings name
OFFLINE_SCHEMAS = frozenset({"t_guildhall_sandbox"} if SANDBOX_MODELS == "offline" else ())

# Moderation
REPORTS_PER_DAY = ENV.reports_per_day  # of one person
PULL_ALONE_WORKSPACES = ENV.pull_alone_workspaces  # a listing that more have installed is pulled by two people
FEATURED_AT_MOST = 12  # listings that the market shows first

# Addresses that users give (web pages, HTTP, MCP, webhooks, own model servers) are reached through tenants.egress.
EGRESS_PORTS = [int(port) for port in listed(ENV.egress_ports)]
EGRESS_LOCAL_HOSTS = listed(ENV.egress_local_hosts)
EGRESS_REFUSED_NETWORKS = listed(ENV.egress_refused_networks)
EGRESS_PROXY = ENV.egress_proxy
LOCAL_MODEL_HOSTS = ENV.model_hosts
MCP_STDIO = ENV.mcp_stdio

# Who may read /metrics
METRICS_TOKEN = ENV.metrics_token
METRICS_NETWORKS = ENV.operator_networks

# Agent classes. While developing, a file of agents/library that has changed is read again.
LIBRARY_RELOADS = ENV.environment == "development"

# Who may read /metrics
METRICS_TOKEN = ENV.metrics_token
METRICS_NETWORKS = ENV.operator_networks

# Files that people uploaded; they leave only through views.
MEDIA_ROOT = DATA_DIR / "media"
UPLOAD_MOST_BYTES = 25 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

STATIC_URL = "/static/"
STATIC_ROOT = None if ENV.is_local else DATA_DIR / "static"  # locally files are served from where they lie
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = ENV.is_local

# Sign-in
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/workspaces/"
PUBLIC_URL = ENV.public_url  # where links in mails lead; empty: where the request came in
ACCOUNT_ADAPTER = "tenants.proving.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if ENV.email_url else "optional"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Guildhall: "
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.PBKDF2PasswordHasher", "django.contrib.auth.hashers.ScryptPasswordHasher"]
)
EMAIL_CONFIG = urlsplit(ENV.email_url)
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if ENV.email_url
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
if ENV.email_url:
    EMAIL_HOST, EMAIL_PORT = EMAIL_CONFIG.hostname or "localhost", EMAIL_CONFIG.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL_CONFIG.username or "", EMAIL_CONFIG.password or ""
    EMAIL_USE_TLS = EMAIL_CONFIG.scheme == "smtp+tls"
SENDS_MAIL = bool(ENV.email_url)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = "Guildhall <no-reply@guildhall.example>"

# The browser
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if not ENV.is_local:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

UNFOLD = console.UNFOLD

# The API
API_REQUESTS_PER_MINUTE = ENV.api_requests_per_minute
API_ANONYMOUS_REQUESTS_PER_MINUTE = ENV.api_anonymous_requests_per_minute
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tenants.proving.keys.ApiKeyAuthentication",
        "tenants.proving.tokens.TokenAuthentication",
        "tenants.proving.keys.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["tenants.wire.rendering.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["tenants.wire.parsing.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "tenants.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "tenants.api.schema.Schema",
    "EXCEPTION_HANDLER": "tenants.api.problems.answer_to",
    "COERCE_DECIMAL_TO_STRING": False,
    "STRICT_JSON": True,
    "NUM_PROXIES": ENV.trusted_proxies,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Guildhall",
    "DESCRIPTION": "Build, run, share and simulate with AI agents.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Role": "tenants.models.Membership.Role",
        "RunStatus": "projects.models.Run.Status",
        "RunKind": "projects.models.Run.Kind",
        "RunOrigin": "projects.models.Run.Origin",
        "QuestionKind": "projects.models.Question.Kind",
        "QuestionStatus": "projects.models.Question.Status",
        "AtDeadline": "projects.models.Question.AtDeadline",
        "DeliveryStatus": "projects.webhooks.models.Delivery.Status",
        "NotificationKind": "tenants.notifications.models.Kind",
        "TrialMode": "projects.models.Trial.Mode",
        "TrialStatus": "projects.models.Trial.Status",
        "AgentRunStatus": "projects.models.AgentRun.Status",
        "Process": "agents.models.Crew.Process",
        "DocumentState": "agents.knowledge.models.Document.State",
        "SimulationStatus": "simulations.models.Simulation.Status",
        "InterventionKind": "simulations.models.Intervention.Kind",
        "InjectionKind": "simulations.interventions.serializers.INJECTED",
        "SweepStatus": "simulations.sweeps.models.Sweep.Status",
        "SweepKind": "simulations.sweeps.models.Sweep.Kind",
        "PointStatus": "simulations.sweeps.models.Point.Status",
        "ListingKind": "marketplace.models.Listing.Kind",
        "InstallationState": "marketplace.installs.models.Installation.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tenants.api.schema.refuse_unknown_fields",
    ],
    "OAS_VERSION": "3.1.0",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "guildhall": {"level": "INFO"},
        # They tell of every request at INFO, and Celery sets the root to INFO: each model call would be a line in a worker's log.
        **{name: {"level": "WARNING"} for name in ("httpx", "httpx2", "openai", "anthropic")},
    },
}
