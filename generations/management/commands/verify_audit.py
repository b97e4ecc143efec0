"""`manage.py verify_audit`: whether the audit log says what it was sealed with, event by event; else exit status 1."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.accounts import audit
from generations.accounts.models import AuditEvent

FAULTS_SHOWN = 20


class Command(BaseCommand):
    help = "Checks the chain of the audit log, and prints the events that break it."

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit.broken(FAULTS_SHOWN)
        self.stdout.writelines(f"{event}: {what}" for event, what in found)
        if found:
            raise CommandError("The audit log was changed.")
        last = AuditEvent.objects.first()
        self.stdout.write(
            f"{AuditEvent.objects.count()} events, the last sealed with {last.hash if last else 'nothing'}."
        )
