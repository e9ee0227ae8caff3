"""PostgreSQL. Prefork workers and commands fork, and a pool must never cross a fork."""

from __future__ import annotations

import sys
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from config.settings.base import ENV, TESTING
from config.stack import paths

HTTP_THREADS = 32
SOCKET_DATABASE_THREADS = 4
_FORKS = "prefork" in sys.argv or (len(sys.argv) > 1 and "manage.py" in sys.argv[0])
POOLED = ENV.database_pool and not _FORKS and not TESTING
_IS_WEB = "config.asgi:application" in sys.argv or sys.argv[0].endswith("config/stack/web.py")
_STATEMENT_SECONDS = 15 if _IS_WEB else 60 if "celery" in sys.argv[0] else 0  # commands take as long as they take
_PATIENCE = 12 if TESTING else 1  # a machine that tests may stall for seconds while somebody holds a lock
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
            "options": f"-c lock_timeout={5 * _PATIENCE}s -c idle_in_transaction_session_timeout=60s "
            f"-c statement_timeout={_STATEMENT_SECONDS * _PATIENCE}s",
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
