"""The links of an item or a collection for people outside, as the team sees them: made, listed, revoked."""

from __future__ import annotations

import uuid

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from generations.gallery import collecting, sharing
from generations.gallery.collections import Collection
from generations.gallery.models import Item
from generations.gallery.shares import ShareLink
from generations.gallery.sharing import Wishes
from generations.projects.models import Role
from generations.web import access
from generations.web.requests import Request


class ShareForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("For whom"), max_length=80, required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Days that it opens"), min_value=1, max_value=sharing.MOST_DAYS, initial=sharing.USUAL_DAYS
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        min_length=8,
        max_length=128,
        required=False,
        strip=False,
        help_text=gettext_lazy("If you wish one: at least 8 characters, told to them on another way."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    shows_prompt = forms.BooleanField(label=gettext_lazy("Show the prompt"), required=False)
    shows_cost = forms.BooleanField(label=gettext_lazy("Show the cost"), required=False)
    shows_names = forms.BooleanField(label=gettext_lazy("Show who made it"), required=False)
    takes_comments = forms.BooleanField(label=gettext_lazy("Let them comment"), required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def of_item(request: Request, output_id: uuid.UUID) -> HttpResponse:
    return _page(request, access.item_for(request.user, output_id, Role.MANAGER))


@require_http_methods(["GET", "HEAD", "POST"])
def of_collection(request: Request, collection_id: uuid.UUID) -> HttpResponse:
    seen = Collection.objects.visible_to(request.user).select_related("project")
    found = get_object_or_404(seen, pk=collection_id)
    access.require(collecting.may_edit(found, request.user) and sharing.may_share(found, request.user))
    return _page(request, found)


def _page(request: Request, target: Item | Collection) -> HttpResponse:
    """The links that there are; POST makes one, whose address is shown this once."""
    form = ShareForm(request.POST if request.method == "POST" else None)
    link, status, now = "", 200, timezone.now()
    if request.method == "POST":
        if form.is_valid():
            _share, token = sharing.make(target, Wishes(**form.cleaned_data), request.user, now)
            path = reverse("share", args=[token])
            link = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
            form = ShareForm()
        else:
            status = 422
    shares = target.shares.select_related("created_by", "revoked_by")
    shown = {"target": target, "form": form, "link": link, "shares": shares, "now": now}
    return render(request, "shares/links.html", shown, status=status)


@require_POST
def revoke(request: Request, share_id: uuid.UUID) -> HttpResponseRedirect:
    """By whoever may share the thing. Raises Http404 where it is not to be seen."""
    share = get_object_or_404(ShareLink.objects.select_related("item__project", "collection__project"), pk=share_id)
    if share.item:
        access.item_for(request.user, share.item.output_id, Role.MANAGER)
        back = reverse("item_shares", args=[share.item.output_id])
    elif share.collection and Collection.objects.visible_to(request.user).filter(pk=share.collection.pk).exists():
        access.require(sharing.may_share(share.collection, request.user))
        back = reverse("collection_shares", args=[share.collection_id])
    else:
        raise Http404
    sharing.revoke(share, request.user, timezone.now())
    messages.success(request, _("The link opens nothing any more."))
    return redirect(back)
