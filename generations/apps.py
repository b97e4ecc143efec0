"""The one Django app; its rooms and doors are listed in docs/decisions/0001."""

from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    name = "generations"
    default_auto_field = "django.db.models.BigAutoField"
