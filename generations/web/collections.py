"""Collections: the list, one with its order, what is done to it, presenting it, and taking it away as files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations.gallery import collecting, sharing
from generations.gallery.bundles import Bundle
from generations.gallery.collections import Collection
from generations.gallery.models import Item
from generations.ledger import sight
from generations.projects.models import Project
from generations.web import access, reviews
from generations.web.requests import Request

LIST_TYPES = {"edl": "text/plain; charset=utf-8", "fcpxml": "application/xml"}


class CollectionForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    project = forms.ModelChoiceField(
        Project.objects.none(), label=gettext_lazy("Whose"), required=False, empty_label=gettext_lazy("Only me")
    )

    def __init__(self, request: Request, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        choices = Project.objects.visible_to(request.user).active()
        self.fields["project"].queryset = choices  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: Request) -> HttpResponse:
    """Those that one sees; POST makes one. `items` are gathered: into a new one, or one that stands there."""
    gathered = reviews.chosen(request, _words(request))
    form = CollectionForm(request, *([request.POST] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        return _create(request, form, gathered)
    seen = list(collecting.counted(Collection.objects.visible_to(request.user)))
    faces = collecting.faces_of(seen, request.user)
    shown = {
        "form": form,
        "collections": [(one, faces.get(one.face)) for one in seen],  # type: ignore[attr-defined]
        "gathered": gathered,
        "editable": collecting.editable_by(request.user) if gathered else [],
    }
    return render(request, "collections/list.html", shown, status=422 if request.method == "POST" else 200)


def _words(request: Request) -> Iterable[str]:
    told = request.POST if request.method == "POST" else request.GET
    return [*told.get("items", "").split(","), *told.getlist("item")]


def _create(request: Request, form: CollectionForm, items: list[Item]) -> HttpResponse:
    now, project = timezone.now(), form.cleaned_data["project"]
    if project:
        access.require(access.may_generate(project, request.user))
    made = collecting.create(form.cleaned_data["name"], request.user, now, project=project)
    collecting.add(made, items, request.user, now)
    return redirect(made)


@require_safe
def collection(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    found = _collection(request, collection_id)
    items = collecting.items_of(found, request.user)
    shown = {
        "collection": found,
        "items": items,
        "hidden": found.entries.count() - len(items),
        "may_edit": collecting.may_edit(found, request.user),
        "may_share": collecting.may_edit(found, request.user) and sharing.may_share(found, request.user),
        "is_owner": found.owner_id == request.user.pk or request.user.is_admin,
        "projects": Project.objects.visible_to(request.user).active(),
        "sharings": Collection.Sharing,
    }
    return render(request, "collections/collection.html", shown)


@require_safe
def present(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """Its items one after the other, as large as the screen is."""
    found = _collection(request, collection_id)
    shown = {"collection": found, "items": collecting.items_of(found, request.user)}
    return render(request, "collections/present.html", shown)


@require_POST
def add(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    found = _collection(request, collection_id, to_edit=True)
    try:
        added = collecting.add(found, reviews.chosen(request, _words(request)), request.user, timezone.now())
    except collecting.TooMany:
        messages.error(
            request, _("A collection holds at most %(n)d. Nothing was added.") % {"n": collecting.MOST_ITEMS}
        )
    else:
        messages.success(request, ngettext("%(n)d added.", "%(n)d added.", added) % {"n": added})
    return redirect(found)


@require_POST
def order(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """Moves, removes or makes the cover of `item`, as `do` says."""
    found = _collection(request, collection_id, to_edit=True)
    do, items = request.POST.get("do", ""), reviews.chosen(request, [request.POST.get("item", "")])
    for item in items:
        if do in collecting.STEPS:
            collecting.move(found, item, do)
        elif do == "remove":
            collecting.remove(found, item)
        elif do == "cover":
            collecting.set_cover(found, item)
    return redirect(f"{found.get_absolute_url()}{f'#item-{items[0].output_id}' if items else ''}")


@require_POST
def change(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """Its name and who else sees it: the owner's matter."""
    found = _collection(request, collection_id, to_edit=True)
    name, told = " ".join(request.POST.get("name", "").split())[:80], request.POST.get("sharing", "")
    sharing = Collection.Sharing(told) if told in Collection.Sharing.values else Collection.Sharing(found.sharing)
    project = Project.objects.visible_to(request.user).filter(slug=request.POST.get("project", "")).first()
    if found.owner_id != request.user.pk and not request.user.is_admin:
        messages.warning(request, _("Only its owner changes a collection's name and who sees it."))
    elif not name or (sharing == Collection.Sharing.PROJECT and project is None):
        messages.error(request, _("A collection has a name, and a project's a project."))
    else:
        collecting.change(found, name, sharing, project)
        messages.success(request, _("Changed."))
    return redirect(found)


@require_POST
def delete(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    """The collection goes with its links to people outside; its items stay where they are."""
    found = _collection(request, collection_id, to_edit=True)
    if found.owner_id != request.user.pk and not request.user.is_admin:
        messages.warning(request, _("Only its owner deletes a collection."))
        return redirect(found)
    collecting.delete(found, timezone.now())
    messages.success(request, _("%(name)s is deleted. Its clips stay in the gallery.") % {"name": found.name})
    return redirect("collections")


@require_safe
def export(request: Request, collection_id: uuid.UUID) -> StreamingHttpResponse:
    """A ZIP of all its files, with a manifest and the editor's lists, made while it is sent."""
    bundle = _bundle(request, collection_id)
    stream = bundle.stream()
    response = StreamingHttpResponse(stream, content_type="application/zip")
    response["Content-Length"] = str(len(stream))
    response["Content-Disposition"] = content_disposition_header(True, f"{bundle.file_name}.zip") or ""
    return response


@require_safe
def cut(request: Request, collection_id: uuid.UUID, kind: str) -> HttpResponse:
    """The editor's list alone: EDL or FCPXML."""
    bundle = _bundle(request, collection_id)
    if kind not in LIST_TYPES:
        raise Http404
    text = bundle.edl() if kind == "edl" else bundle.fcpxml()
    response = HttpResponse(text, content_type=LIST_TYPES[kind])
    response["Content-Disposition"] = content_disposition_header(True, f"{bundle.file_name}.{kind}") or ""
    return response


def _bundle(request: Request, collection_id: uuid.UUID) -> Bundle:
    found = _collection(request, collection_id)
    items = collecting.items_of(found, request.user)
    mine = Item.objects.filter(sight.of(request.user), pk__in=[item.pk for item in items])
    told = set(mine.values_list("pk", flat=True))
    return Bundle(found.name, items, lambda item: item.pk in told)


def _collection(request: Request, collection_id: uuid.UUID, *, to_edit: bool = False) -> Collection:
    """One that this person sees. Raises Http404, and PermissionDenied for who may not edit it."""
    seen = Collection.objects.visible_to(request.user).select_related("owner", "project", "cover")
    found = get_object_or_404(seen, pk=collection_id)
    access.require(not to_edit or collecting.may_edit(found, request.user))
    return found
