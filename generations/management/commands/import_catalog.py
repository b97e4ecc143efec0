"""manage.py import_catalog [FILE]: the models, skus and prices of a catalogue file; told line by line what changed."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from generations import catalog
from generations.catalog.fields import BadFile
from generations.catalog.importing import import_catalogue

SHIPPED = Path(catalog.__file__).with_name("catalog.json")


class Command(BaseCommand):
    help = "Import a catalogue file (by default the one that comes with the studio). May be run again at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED, metavar="FILE")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8")
            report = import_catalogue(text, source=f"catalogue {file.name}", now=timezone.now())
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} is not a catalogue: not UTF-8 text.") from None
        except BadFile as error:
            raise CommandError(f"{file} is not a catalogue: {error}. Nothing was changed.") from None
        self.stdout.write("\n".join([*report.remarks, *(report.changes or ["nothing changed"])]))
