"""What is said about an item: the threads on its page, the poll that brings others' words, and every form in them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations.accounts.models import User
from generations.gallery import talking
from generations.gallery.comments import Comment, Remake
from generations.gallery.models import Item
from generations.gallery.talking import NotSaid, Span
from generations.gallery.times import read_ms
from generations.web import access, rights
from generations.web.requests import Request

PACE_SECONDS = 4


def shown(request: Request, item: Item) -> dict[str, Any]:
    """What the item's page needs to show its threads and to take words."""
    return _news(request, item) | {
        "remake": Remake.objects.filter(job=item.job_id).select_related("comment__item__job").first(),
        "people": item.project.members.filter(is_active=True).exclude(pk=request.user.pk),
    }


def _news(request: Request, item: Item) -> dict[str, Any]:
    return {
        "item": item,
        "project": item.project,
        "threads": talking.threads_of(item),
        "seen": talking.last_change(item),
        "pace": PACE_SECONDS,
        "now": timezone.now(),
        "may_generate": access.may_generate(item.project, request.user) and not item.project.is_archived,
        "may_resolve": access.may(request.user, rights.REVIEW, item.project),
        "may_judge": access.may(request.user, rights.JUDGE, item.project),
    }


@require_safe
def poll(request: Request, output_id: uuid.UUID) -> HttpResponse:
    """204, or the threads anew when anything about them changed since `seen`."""
    item = access.item_for(request.user, output_id)
    if request.GET.get("seen") == str(talking.last_change(item)):
        return HttpResponse(status=204)
    return render(request, "comments/_news.html", _news(request, item))


@require_POST
def say(request: Request, output_id: uuid.UUID) -> HttpResponse:
    """A thread, or with `root` an answer in one."""
    item = access.item_for(request.user, output_id)
    root = _root(item, request.POST.get("root", ""))
    try:
        talking.say(
            item,
            request.user,
            request.POST.get("text", ""),
            key=request.POST.get("key", "")[:64] or uuid.uuid4().hex,
            now=timezone.now(),
            span=span_of(request.POST.get("at", ""), request.POST.get("until", "")),
            root=root,
        )
    except NotSaid:
        return _refused(request, item)
    return _said(request, item)


def _root(item: Item, told: str) -> Comment | None:
    """The thread that is answered. Raises Http404 when it is not one of this item's."""
    if not told:
        return None
    try:
        root_id = uuid.UUID(told)
    except ValueError:
        root_id = uuid.uuid4()
    return get_object_or_404(Comment, pk=root_id, item=item, root=None)


def span_of(start: str, end: str) -> Span:
    """The two fields of a form as a span. Raises NotSaid for what is no time, and for an end without a start."""
    try:
        start_ms, end_ms = (read_ms(text) if text.strip() else None for text in (start, end))
    except ValueError:
        raise NotSaid from None
    if start_ms is None and end_ms is not None:
        raise NotSaid
    return Span(start_ms, None if end_ms == start_ms else end_ms)


@require_POST
def edit(request: Request, comment_id: uuid.UUID) -> HttpResponse:
    comment = _comment(request.user, comment_id)
    if comment.author_id != request.user.pk:
        return _not_yours(request, comment)
    try:
        talking.edit(comment, request.POST.get("text", ""), timezone.now())
    except NotSaid:
        return _refused(request, comment.item, comment)
    return _said(request, comment.item)


@require_POST
def delete(request: Request, comment_id: uuid.UUID) -> HttpResponse:
    """One's own, or as the project's manager anybody's."""
    comment = _comment(request.user, comment_id)
    if comment.author_id != request.user.pk and not access.may(request.user, rights.JUDGE, comment.item.project):
        return _not_yours(request, comment)
    talking.withdraw(comment, timezone.now())
    return _said(request, comment.item)


@require_POST
def resolve(request: Request, comment_id: uuid.UUID) -> HttpResponse:
    """`resolved` 1 or 0: by whoever began the thread, and by members."""
    thread = _comment(request.user, comment_id)
    if thread.author_id != request.user.pk and not access.may(request.user, rights.REVIEW, thread.item.project):
        return _not_yours(request, thread)
    talking.set_resolved(thread, request.POST.get("resolved") == "1", request.user, timezone.now())
    return _said(request, thread.item)


def _comment(user: User, comment_id: uuid.UUID) -> Comment:
    """A comment that still has its words. Raises Http404."""
    comments = Comment.objects.visible_to(user).present().select_related("item__project", "item__output__media")
    return get_object_or_404(comments, pk=comment_id)


def _said(request: Request, item: Item) -> HttpResponse:
    if request.htmx:
        return render(request, "comments/_news.html", _news(request, item) | {"is_said": True})
    return redirect(f"{item.get_absolute_url()}#comments")


def _not_yours(request: Request, comment: Comment) -> HttpResponse:
    """422: a word belongs to whoever said it."""
    why = _("This is the word of %(who)s: only they may change it.") % {"who": comment.who}
    if request.htmx:
        return render(request, "comments/_refused.html", {"why": why}, status=422)
    messages.error(request, why)
    return render(request, "comments/refused.html", {"item": comment.item, "is_others": True}, status=422)


def _refused(request: Request, item: Item, comment: Comment | None = None) -> HttpResponse:
    """422 with what was typed kept: the alert line, or without scripts a page of its own."""
    why = _("Write between 1 and 4,000 letters; a time must lie in the clip, and end after it begins: 0:01.5 to 0:03.")
    if request.htmx:
        return render(request, "comments/_refused.html", {"why": why}, status=422)
    messages.error(request, why)
    typed = {name: request.POST.get(name, "") for name in ("text", "at", "until", "root", "key")}
    return render(request, "comments/refused.html", {"item": item, "comment": comment, "typed": typed}, status=422)
