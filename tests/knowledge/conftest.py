"""Documents of the cast, uploaded through the API and read by the same code that a worker runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from projects.work import leases, tasks
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tests.conftest import ApiOf
from tests.knowledge.facts import DOCUMENTS, STUDY, SURVEY

DOCS = "/w/acme/api/v1/knowledge/documents/"
COLLECTIONS = "/w/acme/api/v1/knowledge/collections/"

Upload = Callable[..., Any]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """An empty folder for the files of one test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def files_in(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


@pytest.fixture
def api(api_of: ApiOf, alice: User, acme: Tenant) -> APIClient:
    return api_of(alice)


@pytest.fixture
def upload(api: APIClient) -> Upload:
    """Send a file as a browser would; `data` is its bytes."""

    def send(data: bytes, name: str, *, client: APIClient | None = None, to: str = DOCS, **fields: Any) -> Any:
        return (client or api).post(to, {"file": SimpleUploadedFile(name, data), **fields}, format="multipart")

    return send


def work_off() -> int:
    """Carry out everything that waits in the queue `default`, as a worker would; how many things were worked on.

    The heartbeat looks from another connection, does not see what this test has not committed, and may call a lease lost;
    the item then comes back, as it should.
    """
    done: set[UUID] = set()
    with enter(PUBLIC):
        while (lease := leases.claim(["default"])) is not None:
            tasks.carry_out(lease)
            done.add(lease.object_id)
    return len(done)


@pytest.fixture
def samples(upload: Upload) -> dict[str, str]:
    """The two sample documents at Acme, ready; ids by name."""
    ids = {name: upload((DOCUMENTS / name).read_bytes(), name).data["id"] for name in (STUDY, SURVEY)}
    assert work_off() == 2
    return ids
