"""Celery: hints to workers, and what is done by the clock."""

from __future__ import annotations

from config.settings.base import DATA_DIR
from config.settings.redis import REDIS_URL, broker

CELERY_BROKER_URL = broker()
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
    "files": {"task": "agents.sweep_files", "schedule": 86_400.0, "options": {"queue": "upkeep", "expires": 3_600}},
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
