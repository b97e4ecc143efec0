"""What text models are told and what became of their words: the instructions' page, and outcomes that nobody knows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from generations.catalog.models import VideoModel
from generations.ledger import money
from generations.web import access
from generations.web.requests import Request
from generations.writing import asking, instructions, settling
from generations.writing.models import Instruction, Proposal
from generations.writing.talking import reckoned


class InstructionForm(forms.Form):
    model = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("Instructions"),
        max_length=instructions.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What is told for one model; `form` carries it, `changed` is whose words it is when it is no default."""

    model: str
    label: str | Promise
    form: InstructionForm
    changed: Instruction | None

    @property
    def anchor(self) -> str:
        return f"told-{self.model or 'every'}"


@require_http_methods(["GET", "HEAD", "POST"])
def instruct(request: Request) -> HttpResponse:
    """Every instruction; POST changes one, or with `reset` brings the default back."""
    form = InstructionForm(request.POST) if request.method == "POST" else None
    if form is None or not _written(request, form):
        page = {"models": _told(form), "now": timezone.now()}
        return render(request, "words/instructions.html", page, status=422 if form else 200)
    return redirect("instructions")


def _written(request: Request, form: InstructionForm) -> bool:
    model = request.POST.get("model", "")
    label = _labels().get(model)
    if label is None:
        raise Http404
    if "reset" in request.POST:
        instructions.reset(model, now=timezone.now())
        messages.success(request, _("%(model)s: the default is back.") % {"model": label})
        return True
    if form.is_valid():
        instructions.write(model, form.cleaned_data["text"], actor=request.user, now=timezone.now())
        messages.success(request, _("%(model)s: told so from now on.") % {"model": label})
    return form.is_valid()


def _labels() -> dict[str, str]:
    return {instructions.EVERY: _("Every model"), **dict(VideoModel.objects.listed().values_list("name", "label"))}


def _told(wrong: InstructionForm | None) -> list[Told]:
    changed = {row.model: row for row in Instruction.objects.select_related("changed_by")}
    found = []
    for model, label in _labels().items():
        is_wrong = wrong is not None and wrong.data.get("model", "") == model
        start = {"model": model, "text": changed[model].text if model in changed else instructions.default(model)}
        form = (
            wrong
            if wrong is not None and is_wrong
            else InstructionForm(initial=start, auto_id=f"told-{model or 'every'}-%s")
        )
        found.append(Told(model, label, form, changed.get(model)))
    return found


class SettleForm(forms.Form):
    """How it ended: `cost` only where it was billed."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What does the relay's log say?"),
        choices=[("billed", gettext_lazy("It was billed")), ("not_billed", gettext_lazy("It was not billed"))],
        widget=forms.RadioSelect,
    )
    cost = forms.CharField(
        label=gettext_lazy("What it cost, when it was billed"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("How do you know?"), max_length=300, help_text=gettext_lazy("Kept with your name.")
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("outcome") == "billed":
            try:
                said["cost_micros"] = money.read(said.get("cost", ""))
            except money.NotMoney:
                self.add_error("cost", ValidationError(_("An amount such as 0.0042.")))
        return said


@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: Request, proposal_id: uuid.UUID) -> HttpResponse:
    """Words that may be billed, and the two ways in which a manager or an admin settles them."""
    proposal = access.lost_words_for(request.user, proposal_id)
    guess = asking.cost_micros(proposal.price, reckoned(proposal, proposal.text))
    form = SettleForm(request.POST or None, initial={"cost": money.show(guess).removeprefix("$")})
    if request.method != "POST" or not form.is_valid():
        page = {"proposal": proposal, "form": form, "guess": guess}
        return render(request, "words/settle.html", page, status=422 if form.errors else 200)
    try:
        _settle(proposal, form.cleaned_data, request)
    except settling.Settled:
        messages.info(request, _("It has been settled in the meantime; nothing was changed."))
    else:
        messages.success(request, _("Settled."))
    return redirect("unknowns")


def _settle(proposal: Proposal, said: dict[str, Any], request: Request) -> None:
    actor, reason, now = request.user, said["reason"], timezone.now()
    if said["outcome"] == "billed":
        settling.billed(proposal, actor=actor, reason=reason, cost_micros=said["cost_micros"], now=now)
    else:
        settling.not_billed(proposal, actor=actor, reason=reason, now=now)
