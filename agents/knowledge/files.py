"""Where uploaded files lie: one folder per workspace, readable by the product only, without an address of their own."""

from __future__ import annotations

from typing import NoReturn

from django.core.files.storage import FileSystemStorage
from django.db.models import Model

from tenants.context import current_schema


class PrivateFiles(FileSystemStorage):
    """Files under MEDIA_ROOT that leave through views only."""

    def __init__(self) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def url(self, name: str | None) -> NoReturn:
        raise ValueError("Uploaded files have no address; a view hands them out.")


def private_files() -> PrivateFiles:
    return PrivateFiles()


def path_of(document: Model, _name: str) -> str:
    """The name that a person gave the file is never part of a path."""
    return f"{current_schema()}/documents/{document.pk}"
