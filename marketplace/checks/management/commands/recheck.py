from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.checks.rechecking import recheck
from marketplace.checks.rules import CODES


class Command(BaseCommand):
    help = "Look at every published version again. New errors of enforced rules open review tasks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rule", default="", help="Only this rule, such as secret.cloud_key.")
        parser.add_argument("--count", action="store_true", help="Only say what would be found.")

    def handle(self, *args: Any, **options: Any) -> None:
        rule: str = options["rule"]
        if rule and rule not in CODES:
            raise CommandError(f"There is no rule {rule}. There are: {', '.join(CODES)}.")
        outcome = recheck(rule=rule, only_count=options["count"])
        for code, times in sorted(outcome.found.items()):
            self.stdout.write(f"{code}: {times}")
        tasks = "nothing stored" if options["count"] else f"review tasks: {len(outcome.opened)}"
        self.stdout.write(f"Versions looked at: {outcome.looked_at}; {tasks}.")
