"""What the composer shows: made from a model's capabilities and from what was typed. Its views: composer.py."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

from django.conf import settings
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from generations.accounts.models import User
from generations.catalog import capabilities, pricing
from generations.catalog.capabilities import Capabilities
from generations.catalog.models import Kind, VideoModel
from generations.composer import showing
from generations.composer.ask import Given
from generations.composer.fit import fit
from generations.composer.limits import MOST_COPIES, Refused, no_such_model, read_ask, read_copies
from generations.composer.tray import Chip
from generations.jobs import approvals
from generations.jobs.estimate import Quote, quote
from generations.jobs.models import Job
from generations.ledger import money
from generations.ledger.models import Currency
from generations.projects.models import Project
from generations.sandbox.scenarios import SCENARIOS, Scenario
from generations.web import tray
from generations.web.improve_panel import Panel
from generations.writing import asking, instructions
from generations.writing.instructions import Purpose

FIELDS = ("kind", "prompt", "tray", "model", "resolution", "ratio", "seconds", "audio", "seed", "copies", "images")
KINDS = (Kind.CLIP, Kind.IMAGE)
RESOLUTIONS = ("480p", "720p", "768p", "1080p", "2k", "4k")
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive")


def studio_currency() -> Currency:
    return Currency.SBX if settings.IS_SANDBOX else Currency.USD


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select; `reason` says why it cannot be chosen."""

    value: str
    label: str
    reason: str = ""


@dataclass(kw_only=True)
class Composer:
    """The form as it is shown. `problems` is field -> message, `blocked` what stands at the button."""

    project: Project
    user: User
    can: Capabilities
    models: list[Capabilities]
    data: Mapping[str, str]
    now: dt.datetime
    changed: tuple[str, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
    blocked: str = ""
    same: Job | None = None  # the same request, made before: offered instead
    same_hash: str = ""  # what "make it again anyway" sends back, so that it speaks of these words only
    words: str = ""  # by which the library is searched for the tray
    is_busy: bool = False  # the database was locked for too long
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    currency: Currency = field(default_factory=studio_currency)
    panel: Panel = field(default_factory=Panel)

    @cached_property
    def quote(self) -> Quote | None:
        """What these fields cost, whatever the prompt; None while one of them cannot be."""
        try:
            ask = read_ask({**self.data, "prompt": "any"}, self.can, self.given)
            return quote(ask, VideoModel.objects.get(name=self.can.name))
        except (Refused, pricing.NoSku, pricing.NoPrice):
            return None

    @property
    def kind(self) -> str:
        return str(self.can.kind)

    @property
    def is_image(self) -> bool:
        return self.can.kind == Kind.IMAGE

    @property
    def switch(self) -> list[Choice]:
        """What can be made, for the switch above the prompt."""
        return [Choice(kind.value, str(kind.label)) for kind in KINDS]

    @property
    def copies(self) -> int:
        """How many jobs the button makes."""
        try:
            return 1 if self.is_image else read_copies(self.data.get("copies", ""))
        except Refused:
            return 1

    @property
    def numbers(self) -> list[Choice]:
        """How many images, or variations, can be asked for at once."""
        most = self.can.most_images if self.is_image else MOST_COPIES
        return [Choice(str(number), str(number)) for number in range(1, most + 1)]

    @property
    def total_micros(self) -> int:
        """What stands on the button."""
        return self.quote.amount_micros * self.copies if self.quote else 0

    @cached_property
    def chips(self) -> list[tray.Shown]:
        return tray.shown(self.project, self.data.get("tray", ""))

    @property
    def given(self) -> tuple[Given, ...]:
        """What the model is shown."""
        return () if self.is_image else tuple(given for shown in self.chips if (given := shown.given))

    @property
    def marks(self) -> list[Chip]:
        return tray.marks(self.data.get("tray", ""))

    @cached_property
    def closed(self) -> dict[str, str]:
        """What the tray takes no more of just now, and why."""
        return showing.closed(self.given, self.can)

    @cached_property
    def picks(self) -> list[tray.Pick]:
        return tray.picks(self.project, self.words, self.closed)

    @property
    def picks_note(self) -> str:
        """Why some of the buttons are greyed."""
        kinds = {"image"} | {str(pick.asset.media.kind) for pick in self.picks if pick.asset.media}
        reasons = [why for what, why in self.closed.items() if what in kinds | {"first", "last"}]
        return " ".join(dict.fromkeys(reasons)) if self.picks else ""

    @property
    def taken(self) -> str:
        """What the model may be shown, in words."""
        return showing.taken(self.can)

    @property
    def tray_note(self) -> str:
        return showing.idle(self.data.get("prompt", ""), self.given)

    @cached_property
    def tray_problem(self) -> str:
        if self.is_image:
            return ""
        lost = [f"@{shown.chip.tag}" for shown in self.chips if shown.asset is None]
        gone = [_("%(names)s left the library: take it out.") % {"names": ", ".join(lost)}] if lost else []
        return " ".join([*gone, *showing.problems(self.given, self.can)])

    @cached_property
    def must_ask(self) -> bool:
        """Whether this is so dear that Generate asks somebody first."""
        total = self.total_micros
        return bool(total and approvals.needed(self.project, self.user, self.currency, total))

    @property
    def purpose(self) -> Purpose:
        """What the prompt is for, as far as the fields say it."""
        seconds = self.data.get("seconds", "").strip()
        return Purpose(
            model=self.can.name,
            label=self.can.label,
            seconds=int(seconds) if seconds.isascii() and seconds.isdigit() else self.can.default_seconds,
            ratio=self.data.get("ratio", ""),
            has_sound=self.data.get("audio") == "on",
            given=self.given,
        )

    @cached_property
    def improving_costs(self) -> int | None:
        """What Improve costs at most; None where no text model has a price."""
        try:
            return asking.most_micros(asking.price(), instructions.told(self.purpose), self.data.get("prompt", ""))
        except pricing.NoPrice:
            return None

    @property
    def verb(self) -> str:
        """What the button does."""
        return _("Ask") if self.must_ask else _("Generate")

    @property
    def vendors(self) -> list[tuple[str, list[Choice]]]:
        """The models by vendor, each with its price."""
        return [
            (vendor, [self._model_choice(can) for can in models])
            for vendor, models in groupby(self.models, key=lambda can: can.vendor)
        ]

    def _model_choice(self, can: Capabilities) -> Choice:
        if can.from_micros is None:
            return Choice(can.name, can.label, _("no price"))
        price = money.show(can.from_micros, self.currency)
        if can.kind == Kind.IMAGE:
            return Choice(can.name, _("%(model)s · %(price)s an image") % {"model": can.label, "price": price})
        told = {"model": can.label, "price": price, "seconds": can.default_seconds}
        return Choice(can.name, _("%(model)s · from %(price)s for %(seconds)s s") % told)

    @property
    def resolutions(self) -> list[Choice]:
        every = () if self.is_image else RESOLUTIONS
        return self._choices(every, self.can.resolutions, self.data.get("resolution", ""), self.can.unpriced)

    @property
    def ratios(self) -> list[Choice]:
        return self._choices(RATIOS, self.can.ratios, self.data.get("ratio", ""), ())

    def _choices(
        self, every: tuple[str, ...], able: tuple[str, ...], typed: str, unpriced: tuple[str, ...]
    ) -> list[Choice]:
        """What the model can do, then the rest with the reason; what was typed is always among them."""
        known = [*able, *(value for value in every if value not in able)]
        known += [typed] if typed and typed not in known else []
        reasons = dict.fromkeys(unpriced, _("no price")) | {
            value: _("not with %(model)s") % {"model": self.can.label} for value in known if value not in able
        }
        return [Choice(value, value, reasons.get(value, "")) for value in known]

    @property
    def scenarios(self) -> list[Scenario]:
        return list(SCENARIOS.values()) if settings.IS_SANDBOX else []

    @property
    def note(self) -> str:
        """What the model change altered, in words."""
        labels = {
            "images": _("images"),
            "copies": _("variations"),
            "resolution": _("resolution"),
            "ratio": _("ratio"),
            "seconds": _("seconds"),
            "audio": _("sound"),
        }
        names = ", ".join(labels.get(name, name) for name in self.changed)
        told = {"model": self.can.label, "fields": names}
        return _("Changed for %(model)s: %(fields)s.") % told if names else ""


def typed_in(data: QueryDict) -> dict[str, str]:
    """The composer's fields among those that were sent; the chips together are the tray."""
    typed = {name: str(data[name]) for name in FIELDS if name in data}
    return typed | ({"tray": " ".join(data.getlist("chip"))} if "chip" in data else {})


def fitted(project: Project, user: User, typed: Mapping[str, str], now: dt.datetime) -> Composer:
    """The form with what was typed as far as the chosen model can do it; no model: the first one with a price."""
    models = capabilities.listed(kind_of(typed))
    can = _chosen(models, typed.get("model", ""))
    fits = fit(typed, can)
    shown = Composer(project=project, user=user, can=can, models=models, data=fits.data, changed=fits.changed, now=now)
    shown.problems = {"tray": shown.tray_problem} if shown.tray_problem else {}
    return shown


def as_typed(project: Project, user: User, typed: Mapping[str, str], now: dt.datetime) -> Composer:
    """The form exactly as it was typed, with the problems found in it."""
    models = capabilities.listed(kind_of(typed))
    can = _chosen(models, typed.get("model", ""))
    shown = Composer(project=project, user=user, can=can, models=models, data=typed, now=now)
    if can.name != typed.get("model"):
        shown.problems["model"] = no_such_model([model.label for model in models]).of("model")
        return shown
    try:
        read_ask(typed, can, shown.given)
    except Refused as refused:
        shown.problems = {name: message for name in FIELDS if (message := refused.of(name))}
    shown.problems |= {"tray": shown.tray_problem} if shown.tray_problem else {}
    try:
        read_copies(typed.get("copies", ""))
    except Refused as refused:
        shown.problems["copies"] = refused.of("copies")
    return shown


def kind_of(typed: Mapping[str, str]) -> Kind:
    """What the form makes; a clip where it says nothing that can be composed."""
    return Kind.IMAGE if typed.get("kind") == Kind.IMAGE and capabilities.listed(Kind.IMAGE) else Kind.CLIP


def _chosen(models: list[Capabilities], name: str) -> Capabilities:
    named = [can for can in models if can.name == name]
    priced = [can for can in models if can.has_price]
    return (named or priced or models)[0]
