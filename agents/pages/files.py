"""The files that the agents of a run wrote, and the pictures that it was shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from agents.pictures.answering import as_picture
from agents.pictures.keeping import picture_of
from agents.tools.api import file_of
from agents.tools.files import RunFiles
from projects.access import get_run
from projects.models import Run
from projects.pages.tabs import RunTab
from tenants.pages import WorkspacePage


class RunFilesPage(RunTab):
    tab, template = "files", "projects/run_files.html"

    def content(self, run: Run) -> dict[str, Any]:
        return {"files": RunFiles.of(self.member.schema, run.pk).list()}


class RunFilePage(WorkspacePage):
    """One file, always as a download."""

    def get(self, request: HttpRequest, run_id: UUID, file_name: str) -> HttpResponse:
        return file_of(get_run(self.member, run_id), file_name)


class RunPicturePage(WorkspacePage):
    def get(self, request: HttpRequest, run_id: UUID, number: int) -> HttpResponse:
        return as_picture(picture_of(get_run(self.member, run_id), number), number)
