"""A project's gallery as its managers set it: who sees it, how long clips are kept, how they are downloaded."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from generations.gallery.models import Item, Shelf
from generations.media import quotas
from generations.projects.models import Project, Role
from generations.web import access
from generations.web.requests import Request


class GalleryForm(forms.ModelForm):  # type: ignore[type-arg]
    keep_days = forms.IntegerField(
        label=gettext_lazy("Days that clips are kept"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=gettext_lazy(
            "Older ones go to the bin by themselves, and are given up after 30 days there. Approved ones stay, and "
            "those that stand in a collection or behind a link. Empty: everything stays."
        ),
    )

    class Meta:
        model = Project
        fields = ("gallery_open", "plain_downloads", "keep_days")
        labels = {  # noqa: RUF012
            "gallery_open": gettext_lazy("Open to the whole studio"),
            "plain_downloads": gettext_lazy("Downloads without metadata"),
        }
        help_texts = {  # noqa: RUF012
            "gallery_open": gettext_lazy("Everybody here may watch and download its clips; the board stays closed."),
            "plain_downloads": gettext_lazy("Also without content credentials (C2PA), which are kept otherwise."),
        }


@dataclass(frozen=True, slots=True)
class Heap:
    """What lies in one place: how many, and their bytes."""

    name: str
    count: int
    size_bytes: int


@require_http_methods(["GET", "HEAD", "POST"])
def project_gallery(request: Request, slug: str) -> HttpResponse:
    project = access.project_for(request.user, slug, Role.MANAGER)
    form = GalleryForm(request.POST or None, instance=access.project_for(request.user, slug))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("project_gallery", slug=slug)
    shown = {"project": project, "form": form, "heaps": heaps_of(project)}
    return render(request, "projects/gallery.html", shown, status=422 if form.errors else 200)


def heaps_of(project: Project) -> list[Heap]:
    """What the project's clips and library take. Bytes that several share lie on the disk once, and count for each."""
    sums = Item.objects.filter(project=project).order_by().values("shelf")
    found = {
        row["shelf"]: row for row in sums.annotate(number=Count("pk"), size_bytes=Sum("output__media__size_bytes"))
    }
    none = {"number": 0, "size_bytes": 0}
    heaps = [
        Heap(str(shelf.label), row["number"], row["size_bytes"] or 0)
        for shelf in (Shelf.SHOWN, Shelf.ARCHIVED, Shelf.BIN)
        for row in [found.get(shelf, none)]
    ]
    assets = project.assets.present().filter(media__isnull=False).count()
    return [*heaps, Heap(_("Library"), assets, quotas.project_bytes(project))]
