"""The Celery application of the workers and of beat."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# `prepare` and `check` check the whole site before any worker starts. Celery would do it again, load every page for it, and hear nothing of the result.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

from celery import Celery

app = Celery("guildhall", task_cls="tenants.tasks:TenantTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
