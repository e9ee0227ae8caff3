"""`manage.py demo`: everything up, and the main job done before your eyes."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.management.commands.up import add_stack_arguments
from config.stack import paths
from config.stack.processes import Program
from config.stack.services import Surroundings
from config.stack.up import Up


def _job(around: Surroundings, url: str) -> Program:
    return around.python("demo", "-m", "config.demo", "--url", url, log=False)


class Command(BaseCommand):
    help = "Start everything, run a crew on a sample document and a simulation, print what came out, and keep serving."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_stack_arguments(parser)
        parser.add_argument("--once", action="store_true", help="End after the job: 0 when it succeeded.")

    def handle(self, *, port: int, once: bool, **_options: Any) -> None:
        sys.exit(Up(data=paths.data_dir(), port=port, job=_job, once=once).run())
