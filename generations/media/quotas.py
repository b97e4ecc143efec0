"""How much a project's library and one person's uploads may hold; deleted assets count no more."""

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from generations.accounts.models import User
from generations.media.models import Asset
from generations.media.rules import MEGABYTE, Refused, Rule
from generations.projects.models import Project


def project_bytes(project: Project) -> int:
    return _bytes(project=project)


def person_bytes(user: User) -> int:
    """In every project together."""
    return _bytes(uploader=user)


def _bytes(**owner: object) -> int:
    total: int | None = Asset.objects.present().filter(**owner).aggregate(total=Sum("media__size_bytes"))["total"]
    return total or 0


@transaction.atomic
def require_room(project: Project, user: User, more_bytes: int) -> None:
    """Raises Refused. In the transaction that adds them, two uploads at once never pass a quota together."""
    Project.objects.select_for_update().get(pk=project.pk)
    User.objects.select_for_update().get(pk=user.pk)
    if project_bytes(project) + more_bytes > settings.MEDIA_PROJECT_MB * MEGABYTE:
        said = _("This project's library is full: it may hold %(most)d MB. Delete what is not needed.")
        raise Refused(Rule.QUOTA, said % {"most": settings.MEDIA_PROJECT_MB})
    if person_bytes(user) + more_bytes > settings.MEDIA_PERSON_MB * MEGABYTE:
        said = _("Your uploads may hold %(most)d MB in all projects together. Delete what is not needed.")
        raise Refused(Rule.QUOTA, said % {"most": settings.MEDIA_PERSON_MB})
