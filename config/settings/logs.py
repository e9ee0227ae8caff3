"""What is logged, and where."""

from __future__ import annotations

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
