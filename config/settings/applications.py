"""Which applications there are, and in which schemas their tables live: docs/architecture.md."""

from __future__ import annotations

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
