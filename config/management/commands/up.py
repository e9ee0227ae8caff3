"""`manage.py up`: everything a laptop needs, until Ctrl-C."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
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
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=None,
        help="Where everything is kept. Default: GUILDHALL_DATA, or .guildhall here.",
    )


class Command(BaseCommand):
    help = "Start PostgreSQL, valkey, the site and the workers, and keep them running until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_stack_arguments(parser)

    def handle(self, *, port: int, data_dir: Path | None, **_options: Any) -> None:
        data = data_dir.expanduser().resolve() if data_dir else paths.data_dir()
        sys.exit(Up(data=data, port=port).run())
