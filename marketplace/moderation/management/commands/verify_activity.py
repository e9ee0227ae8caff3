"""`manage.py verify_activity`: whether anybody has been at the log of moderation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Compare every line of the log of moderation with its hash and with the line before it."

    def handle(self, *args: Any, **options: Any) -> None:
        from marketplace.moderation.models import ActivityLog
        from marketplace.moderation.queries.log import broken_line

        found = broken_line()
        if found is not None:
            raise CommandError(f"Line {found} is not as it was written, or the one before it is missing.")
        self.stdout.write(f"{ActivityLog.objects.filter(seq__isnull=False).count()} lines, all as they were written.")
