"""Send a manifest in for a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.models import Listing


class Command(BaseCommand):
    help = "Sends a manifest (YAML) in as a version of a workspace's listing; checks and evaluation follow in the background."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--workspace", required=True, help="its short name, as in its address after /w/")
        parser.add_argument("--visibility", choices=Listing.Visibility.values, default=Listing.Visibility.PRIVATE)
        parser.add_argument(
            "--by", default="", help="the e-mail address of an owner or admin; without, the first owner"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from marketplace.publishing.commanding import publish_file
        from tenants.errors import DomainError

        try:
            version = publish_file(
                options["file"], workspace=options["workspace"], visibility=options["visibility"], email=options["by"]
            )
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except DomainError as refusal:
            told = "".join(f"\n  {error.field}: {error.detail}" for error in refusal.errors)
            raise CommandError(f"{refusal.detail}{told}") from refusal
        self.stdout.write(f"{version} was sent in as {version.pk}: {version.get_review_state_display().lower()}.")
