"""`manage.py verify_archive`: reads every kept byte again; exit status 1 when one is missing or altered."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from generations.health import checks
from generations.media import verifying
from generations.media.models import MediaFile


class Command(BaseCommand):
    help = "Reads every media file again and compares size and sha256 with what was kept."

    def handle(self, *args: Any, **options: Any) -> None:
        found: list[str] = []
        files = size_bytes = 0
        for media in MediaFile.objects.order_by("pk").iterator(chunk_size=200):
            files, size_bytes = files + 1, size_bytes + media.size_bytes
            for line in verifying.problems(media):
                self.stdout.write(line)
                found.append(line)
        summary = f"{files} files, {size_bytes:,} bytes"
        checks.record("archive", found, timezone.now(), summary)
        if found:
            raise CommandError(f"{len(found)} problem(s) in {summary}.")
        self.stdout.write(f"{summary}: all as they were kept.")
