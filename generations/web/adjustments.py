"""Money put right by hand: asked for with a reason, confirmed by a second person above an amount, all of it listed."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from generations.accounts.models import User
from generations.jobs.models import Attempt
from generations.ledger import adjustments as verbs
from generations.ledger import money
from generations.ledger.adjustments import Adjustment
from generations.ledger.models import Hold
from generations.projects.models import Project
from generations.web.composer_form import studio_currency
from generations.web.requests import Request

SHOWN = 100


class AdjustmentForm(forms.Form):
    """`hold` given: of one job, whose project and person are its own."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    direction = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=(
            ("refund", gettext_lazy("Less was spent: give back")),
            ("surcharge", gettext_lazy("More was spent: add")),
        ),
    )
    amount = forms.CharField(
        label=gettext_lazy("Amount"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    project = forms.ModelChoiceField(Project.objects.all(), label=gettext_lazy("Project"))
    person = forms.ModelChoiceField(
        User.objects.order_by("name", "email"),
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("Whose budget it counts in."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Kept for good, with your name."),
    )

    def __init__(self, *args: Any, hold: Hold | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if hold:
            del self.fields["project"], self.fields["person"]

    def clean_amount(self) -> int:
        try:
            micros = money.read(self.cleaned_data["amount"])
        except money.NotMoney:
            raise forms.ValidationError(_("Type an amount such as 12.50.")) from None
        if not micros:
            raise forms.ValidationError(_("Type an amount above zero."))
        return micros

    @property
    def signed_micros(self) -> int:
        amount: int = self.cleaned_data["amount"]
        return -amount if self.cleaned_data["direction"] == "refund" else amount


@require_http_methods(["GET", "HEAD", "POST"])
def adjustments(request: Request) -> HttpResponse:
    """All of them, and the form for a new one; `?job=<id>` puts that job's charge right."""
    hold = _hold(request.GET.get("job", ""))
    if request.method != "POST":
        return _page(request, hold, AdjustmentForm(hold=hold, initial={"key": uuid.uuid4().hex}))
    form = AdjustmentForm(request.POST, hold=hold)
    made = _ask(request, form, hold) if form.is_valid() else None
    if made is None:
        return _page(request, hold, form)
    _tell(request, made)
    return redirect("adjustments")


def _hold(job_id: str) -> Hold | None:
    """The charged hold of the job's newest attempt. Raises Http404."""
    if not job_id:
        return None
    try:
        attempts = Attempt.objects.filter(job=uuid.UUID(job_id), hold__state=Hold.State.CHARGED)
    except ValueError:
        raise Http404 from None
    attempt = attempts.select_related("hold__project", "hold__user").order_by("-number").first()
    if attempt is None:
        raise Http404
    return attempt.hold


def _ask(request: Request, form: AdjustmentForm, hold: Hold | None) -> Adjustment | None:
    """None with the reason in the form."""
    try:
        return verbs.ask(
            project=hold.project if hold else form.cleaned_data["project"],
            user=hold.user if hold else form.cleaned_data["person"],
            currency=studio_currency(),
            signed_micros=form.signed_micros,
            reason=form.cleaned_data["reason"],
            actor=request.user,
            key=form.cleaned_data["key"],
            now=timezone.now(),
            hold=hold,
        )
    except verbs.TooMuch as too_much:
        form.add_error("amount", _too_much(too_much))
        return None


def _too_much(error: verbs.TooMuch) -> str:
    left = money.show(error.left_micros, studio_currency())
    return _("Only %(left)s was spent there and can be given back.") % {"left": left}


def _tell(request: Request, made: Adjustment) -> None:
    if made.state == Adjustment.State.WAITING:
        messages.success(request, _("It waits for a second person; nothing has moved yet."))
    else:
        messages.success(request, _("Posted."))


def _page(request: Request, hold: Hold | None, form: AdjustmentForm) -> HttpResponse:
    every = Adjustment.objects.filter(currency=studio_currency())
    every = every.select_related("project", "user", "asked_by", "decided_by", "hold__attempt")
    page = {
        "now": timezone.now(),
        "currency": studio_currency(),
        "hold": hold,
        "form": form,
        "waiting": [(made, made.asked_by_id != request.user.pk) for made in every.filter(state="waiting")],
        "decided": every.exclude(state="waiting")[:SHOWN],
        "alone_micros": settings.SECOND_PERSON_ABOVE_MICROS,
    }
    return render(request, "spend/adjustments.html", page, status=422 if form.is_bound else 200)


@require_POST
def confirm(request: Request, number: int) -> HttpResponseRedirect:
    """The second person's word: posted; pressed twice it is once."""
    made = get_object_or_404(Adjustment, pk=number)
    try:
        verbs.confirm(made, actor=request.user, now=timezone.now())
    except verbs.SamePerson:
        messages.error(request, _("Somebody else must confirm what you have asked for."))
    except verbs.Decided:
        messages.info(request, _("It was decided before."))
    except verbs.TooMuch as too_much:
        messages.error(request, _too_much(too_much))
    else:
        messages.success(request, _("Posted."))
    return redirect("adjustments")


@require_POST
def withdraw(request: Request, number: int) -> HttpResponseRedirect:
    made = get_object_or_404(Adjustment, pk=number)
    try:
        verbs.withdraw(made, actor=request.user, now=timezone.now())
    except verbs.Decided:
        messages.info(request, _("It was decided before."))
    return redirect("adjustments")
