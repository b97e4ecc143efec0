"""manage.py import_prices [FILE | --from-relay]: the relay's price list; told line by line what changed."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from generations.catalog.fields import BadFile, load
from generations.catalog.importing import import_relay_prices
from generations.relay.client import Relay
from generations.relay.errors import RelayFault


class Command(BaseCommand):
    help = "Import the relay's price list, from a file in the form of its /api/pricing or, without one, from the relay."

    def add_arguments(self, parser: CommandParser) -> None:
        source = parser.add_mutually_exclusive_group()
        source.add_argument("file", nargs="?", type=Path, metavar="FILE")
        source.add_argument("--from-relay", action="store_true", help="ask the configured relay (the default)")

    def handle(self, *, file: Path | None, **options: Any) -> None:
        name = str(file or settings.RELAY_URL)
        try:
            body = load(file.read_text(encoding="utf-8")) if file else _ask_relay()
            report = import_relay_prices(body, source=f"prices of {name}", now=timezone.now())
        except OSError as error:
            raise CommandError(f"{name} can't be read: {error.strerror}.") from None
        except RelayFault as fault:
            raise CommandError(f"{name} gave no price list: {fault}. Nothing was changed.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{name} is not a price list: not UTF-8 text.") from None
        except BadFile as error:
            raise CommandError(f"{name} is not a price list: {error}. Nothing was changed.") from None
        self.stdout.write("\n".join([*report.remarks, *(report.changes or ["nothing changed"])]))


def _ask_relay() -> object:
    return Relay(settings.RELAY_URL, settings.RELAY_API_KEY).pricing()
