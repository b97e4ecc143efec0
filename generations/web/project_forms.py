"""The forms of the project pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.ledger import money
from generations.projects.models import Project, Role


class ProjectForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)


class RenameForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Project
        fields = ("name",)


class LimitForm(forms.Form):
    """An amount in the studio's currency; empty: no limit."""

    limit = forms.CharField(
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("Held and spent in one calendar month (UTC). Empty: no limit."),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["limit"].label = _("Monthly limit in %(currency)s") % {"currency": currency}

    def clean_limit(self) -> int | None:
        return read_amount(self.cleaned_data["limit"])


def read_amount(typed: str) -> int | None:
    """Millionths; None for nothing. Raises ValidationError."""
    plain = typed.strip().removeprefix("SBX")
    if not plain:
        return None
    try:
        return money.read(plain)
    except money.NotMoney:
        raise forms.ValidationError(_("Give an amount such as 50 or 12.50.")) from None


class MemberForm(forms.Form):
    """Adds somebody who already has an account."""

    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MEMBER)

    def clean_email(self) -> User:
        typed = self.cleaned_data["email"]
        person: User | None = User.objects.filter(email__iexact=typed, is_active=True).first()
        if person is None:
            raise forms.ValidationError(_("Nobody here has this address. An admin adds people."))
        return person


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


def first_problem(form: forms.BaseForm) -> str:
    """One message of a form that failed, for a page that can't show it at its field."""
    errors: list[Any] = [message for messages in form.errors.values() for message in messages]
    return str(errors[0]) if errors else ""
