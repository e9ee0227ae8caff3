"""Put our own listings on the market."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.errors import DomainError


class Command(BaseCommand):
    help = "Puts our own listings and the library's scenarios on the market; those already there stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        from marketplace.publishing.services.builtin import publish_catalogue

        try:
            versions = publish_catalogue()
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        for version in versions:
            self.stdout.write(f"{version} is on the market.")
