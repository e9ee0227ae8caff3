"""`manage.py prepare` is all that an installation needs before its servers start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings as configured
from django.core.management import call_command
from pytest_django import Settings
from ruamel.yaml import YAML


def test_on_a_server_the_files_of_its_pages_are_collected(fresh_db: None, settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    call_command("prepare", verbosity=0)
    collected = tmp_path / "site" / "site.css"
    assert collected.read_bytes() == (settings.BASE_DIR / "static" / "site" / "site.css").read_bytes()


def test_containers_are_prepared_by_it_alone() -> None:
    """`collectstatic` fails where files are served from where they lie, as containers do that nobody told their ENVIRONMENT."""
    compose: dict[str, Any] = YAML(typ="safe", pure=True).load(configured.BASE_DIR / "docker-compose.yml")
    assert configured.STATIC_ROOT is None
    assert compose["services"]["migrate"]["command"] == ["python", "manage.py", "prepare"]
