"""Where things lie, who asks, and what every other part needs."""

from __future__ import annotations

from pathlib import Path

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from config.environment import environment
from config.metrics import places
from config.stack import paths

django_stubs_ext.monkeypatch()

ENV = environment()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
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
