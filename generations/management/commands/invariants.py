"""`manage.py invariants`: checks on the live database what must always be true; exit status 1 at a violation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from generations.jobs.invariants import RULES, run


class Command(BaseCommand):
    help = "Checks what must be true of jobs and money, and prints the rows that break it."

    def handle(self, *args: Any, **options: Any) -> None:
        found = run(timezone.now())
        for violation in found:
            self.stdout.write(f"{violation.name}: {violation.rule}")
            self.stdout.writelines(f"  {row}" for row in violation.rows)
        if found:
            raise CommandError(f"{len(found)} of {RULES} invariants are broken.")
        self.stdout.write(f"All {RULES} invariants hold.")
