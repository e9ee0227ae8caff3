"""`manage.py doctor`: what is here, what is missing, what to do."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from config.stack import doctor, paths


class Command(BaseCommand):
    help = "Check this installation and say what to do about what is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data-dir", type=Path, default=None)

    def handle(self, *, data_dir: Path | None, **_options: Any) -> None:
        data = data_dir.expanduser().resolve() if data_dir else paths.data_dir()
        findings = [check(data) for check in doctor.CHECKS]
        for finding in findings:
            self.stdout.write(f"{finding.mark} {finding.subject}: {finding.text}")
        if any(finding.is_bad for finding in findings):
            sys.exit(1)
