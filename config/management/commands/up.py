"""`manage.py up`: everything a laptop needs, until Ctrl-C."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.stack import paths
from config.stack.up import DEFAULT_PORT, Up


def add_stack_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help="Port of the site; the next free one if it is taken. 0 means any.",
    )
    add_data_dir(parser)


def add_data_dir(parser: ArgumentParser) -> None:
    """Shown in the help; manage.py has taken it before the settings were read."""
    parser.add_argument("--data-dir", help="Where everything is kept. Default: GUILDHALL_DATA, or .guildhall here.")


class Command(BaseCommand):
    help = "Start PostgreSQL, valkey, the site and the workers, and keep them running until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_stack_arguments(parser)

    def handle(self, *, port: int, **_options: Any) -> None:
        sys.exit(Up(data=paths.data_dir(), port=port).run())
