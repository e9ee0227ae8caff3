"""`manage.py doctor`: what is here, what is missing, what to do."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.management.commands.up import add_data_dir
from config.stack import doctor, paths


class Command(BaseCommand):
    help = "Check this installation and say what to do about what is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_data_dir(parser)

    def handle(self, **_options: Any) -> None:
        data = paths.data_dir()
        findings = [check(data) for check in doctor.CHECKS]
        for finding in findings:
            self.stdout.write(f"{finding.mark} {finding.subject}: {finding.text}")
        if any(finding.is_bad for finding in findings):
            sys.exit(1)
