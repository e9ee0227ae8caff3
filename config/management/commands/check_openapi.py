"""`manage.py check_openapi`: is the committed description of the API what the code says? `--write` makes it so."""

from __future__ import annotations

import difflib
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

LINES_SHOWN = 60


class Command(BaseCommand):
    help = "Compare docs/openapi-*.json with the code, or write them anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write the files instead of comparing them")

    def handle(self, *, write: bool, **_options: Any) -> None:
        from config.documentation import PUBLIC, WORKSPACE, as_text, describe_strictly

        docs = settings.BASE_DIR / "docs"
        wanted = {
            docs / "openapi-public.json": as_text(describe_strictly(PUBLIC)),
            docs / "openapi-workspace.json": as_text(describe_strictly(WORKSPACE)),
        }
        if write:
            for path, text in wanted.items():
                path.write_text(text, encoding="utf-8")
            return
        drifted = [path for path, text in wanted.items() if self._differs(path, text)]
        if drifted:
            names = ", ".join(path.name for path in drifted)
            raise CommandError(f"The code says otherwise than {names}. If that is meant: make openapi, and commit.")

    def _differs(self, path: Path, wanted: str) -> bool:
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        changes = difflib.unified_diff(
            kept.splitlines(), wanted.splitlines(), f"docs/{path.name}", "the code", lineterm="", n=1
        )
        for line in islice(changes, LINES_SHOWN):
            self.stderr.write(line)
        return kept != wanted
