"""The records as they lie, for admins: every row of every room can be looked at here, and none changed.

What people change is changed on the pages, by verbs that keep the rules and write down who it was. So this site knows
GET alone (routes.py), signs nobody in, and shows no secret, not even its hash.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.sites import AdminSite
from django.db import models as fields
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _

from generations import models
from generations.accounts import second_factor
from generations.accounts.models import User

SITE_PAGES = {"index", "jsi18n", "app_list"}
MODEL_PAGES = ("_changelist", "_change")
SECRET = re.compile("password|secret|token(?!s)|key_hash")  # a field's name; prompt_tokens are counted
TIMES = ("at", "created_at", "day", "month")
COLUMNS = {"Job": ["id", "state", "project", "user", "model", "resolution", "created_at"]}
SEARCHED = {
    "User": ("email", "name"),
    "Project": ("name", "slug"),
    "Job": ("prompt",),
    "Attempt": ("relay_task_id",),
    "Alert": ("key", "text"),
    "MediaFile": ("sha256",),
    "Asset": ("name",),
}
MOST_COLUMNS, MOST_FILTERS = 7, 4


class Records(admin.ModelAdmin):  # type: ignore[type-arg]
    """The rows of one model."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    def get_urls(self) -> list[URLPattern]:
        """The list and the row: what adds, changes and deletes has no address at all."""
        return [pattern for pattern in super().get_urls() if str(pattern.name).endswith(MODEL_PAGES)]

    def has_view_permission(self, request: HttpRequest, obj: fields.Model | None = None) -> bool:
        return site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: fields.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: fields.Model | None = None) -> bool:
        return False


class RecordsSite(AdminSite):
    site_header = site_title = index_title = _("Records")
    site_url = "/operations/"
    index_template = "records/index.html"
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Admins, with a second factor where the studio demands one."""
        user = request.user
        return isinstance(user, User) and user.is_admin and not second_factor.must_set_up(user)

    def get_urls(self) -> list[Any]:
        """Whoever is signed out goes to the studio's own sign-in; there is no other, and no other sign-out."""
        return [_signed_in(pattern) for pattern in super().get_urls() if _is_kept(pattern)]


def records_of(model: type[fields.Model]) -> type[Records]:
    """Its columns are its first short fields unless said otherwise, newest rows first."""
    shown = [field for field in model._meta.concrete_fields if not is_secret(field)]
    short = [field for field in shown if not isinstance(field, fields.TextField | fields.JSONField)]
    columns = COLUMNS.get(model.__name__, [field.name for field in short][:MOST_COLUMNS])
    said: dict[str, Any] = {
        "list_display": columns,
        "list_select_related": [field.name for field in short if field.name in columns and field.is_relation],
        "list_filter": [field.name for field in short if _is_choice(field)][:MOST_FILTERS],
        "fields": [field.name for field in shown],
        "readonly_fields": [field.name for field in shown],
        "search_fields": SEARCHED.get(model.__name__, ()),
        "ordering": [f"-{next((name for name in TIMES if name in columns), 'pk')}", "-pk"],
    }
    return type(f"{model.__name__}Records", (Records,), said)


def is_secret(field: fields.Field[Any, Any]) -> bool:
    return SECRET.search(field.name) is not None


def _is_choice(field: fields.Field[Any, Any]) -> bool:
    return bool(field.choices) or isinstance(field, fields.BooleanField)


def _is_kept(pattern: URLPattern | URLResolver) -> bool:
    return isinstance(pattern, URLResolver) or pattern.name in SITE_PAGES


def _signed_in(pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
    if isinstance(pattern, URLPattern):
        pattern.callback.login_url = settings.LOGIN_URL  # type: ignore[attr-defined]
    return pattern


site = RecordsSite()
for name in models.__all__:
    site.register(getattr(models, name), records_of(getattr(models, name)))
