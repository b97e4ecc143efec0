"""Who may do what: the one table of rights, shown at /people/rights/. Which right an address needs is in routes.py."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Standing(TextChoices):
    """What a person is where a right is asked for: by their seat in the studio, else by their role in the project."""

    ADMIN = "admin", _("Admin")
    BILLING = "billing", _("Billing")
    MANAGER = "manager", _("Manager")
    MEMBER = "member", _("Member")
    VIEWER = "viewer", _("Viewer")
    STRANGER = "stranger", _("Not in the project")
    SIGNED_OUT = "signed_out", _("Signed out")


@dataclass(frozen=True, slots=True)
class Right:
    """A row of the table. `of_project`: asked for in a project, where who is not in it finds nothing (404, not 403)."""

    title: str | Promise
    who: frozenset[Standing]
    of_project: bool = False

    def allows(self, standing: Standing) -> bool:
        return standing in self.who


ADMINS = frozenset({Standing.ADMIN})
MONEY = ADMINS | {Standing.BILLING}
MANAGERS = ADMINS | {Standing.MANAGER}
MEMBERS = MANAGERS | {Standing.MEMBER}
VIEWERS = MEMBERS | {Standing.VIEWER}
SIGNED_IN = VIEWERS | MONEY | {Standing.STRANGER}
EVERYBODY = SIGNED_IN | {Standing.SIGNED_OUT}

OPEN_LINK = Right(_("Watch what a link shows, with its password if it has one"), EVERYBODY)
SIGN_IN = Right(_("Sign in, reset a password"), EVERYBODY)
HAVE_ACCOUNT = Right(_("Keep an account: name, theme, password; see the projects that one is in"), SIGNED_IN)
MAKE_PROJECTS = Right(_("Make a project"), SIGNED_IN - {Standing.BILLING})

WATCH = Right(_("See a project: its board, jobs, clips and library"), VIEWERS, of_project=True)
GENERATE = Right(_("Generate, cancel, try again; fill the library"), MEMBERS, of_project=True)
MANAGE = Right(_("Name, archive, people and limit of a project; outcomes that nobody knows"), MANAGERS, of_project=True)
SPEAK = Right(_("Comment, give stars, keep favourites"), VIEWERS, of_project=True)
REVIEW = Right(_("Put a clip up for review"), MEMBERS, of_project=True)
GATHER = Right(_("Fill and order the collections of a project"), MEMBERS, of_project=True)
JUDGE = Right(_("Approve or reject a clip, or ask for changes; delete others' comments"), MANAGERS, of_project=True)
SHARE = Right(_("Make and revoke links for people outside"), MANAGERS, of_project=True)
DECIDE = Right(_("Approve or reject what others ask for"), MANAGERS, of_project=True)
SET_BUDGET = Right(_("Set and pause a project's budget"), MANAGERS | MONEY, of_project=True)
SEE_PROJECT_MONEY = Right(_("See all money of a project"), MANAGERS | MONEY, of_project=True)

SEE_OWN_MONEY = Right(_("See what one has spent, one's budget and asks"), SIGNED_IN)
SEE_ALL_MONEY = Right(_("See the whole studio's money"), MONEY)
SET_ANY_BUDGET = Right(_("Set and pause the budgets of the studio and of persons"), MONEY)
SET_PRICES = Right(_("Have the relay's prices compared, and take them over"), MONEY)
RECONCILE = Right(_("Have a day compared with the relay's record"), MONEY)
ADJUST = Right(_("Adjust money by hand, confirm what another adjusts"), MONEY)
PEOPLE = Right(_("Let people in, give seats, switch people off"), ADMINS)
AUDIT = Right(_("Read the audit log"), ADMINS)
OPERATE = Right(_("See how the studio is, try the relay again, run checks"), ADMINS)

TABLE = (
    OPEN_LINK,
    SIGN_IN,
    HAVE_ACCOUNT,
    MAKE_PROJECTS,
    WATCH,
    GENERATE,
    MANAGE,
    SPEAK,
    REVIEW,
    GATHER,
    JUDGE,
    SHARE,
    DECIDE,
    SET_BUDGET,
    SEE_PROJECT_MONEY,
    SEE_OWN_MONEY,
    SEE_ALL_MONEY,
    SET_ANY_BUDGET,
    SET_PRICES,
    RECONCILE,
    ADJUST,
    PEOPLE,
    AUDIT,
    OPERATE,
)
