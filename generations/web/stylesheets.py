"""The stylesheets that every page needs, gathered into one file where static files are collected.

A browser on a phone's network waits for each of them; one file is one wait (benchmarks/lighthouse.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.templatetags.static import static
from whitenoise.storage import CompressedManifestStaticFilesStorage

GATHERED = "css/studio.css"
SHARED = (
    "css/tokens.css",
    "css/base.css",
    "css/layout.css",
    "css/components/controls.css",
    "css/components/banners.css",
    "css/components/tabs.css",
    "css/components/notices.css",
    "css/components/keys.css",
)


class GatheringStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """As whitenoise's: hashed and compressed, with the shared stylesheets in one more file."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            self.delete(GATHERED)
            self.save(GATHERED, ContentFile("".join(self.text_of(name) for name in SHARED).encode()))
            paths[GATHERED] = (self, GATHERED)
        yield from super().post_process(paths, dry_run, **options)

    def text_of(self, name: str) -> str:
        with self.open(name) as file:
            return str(file.read().decode())


def shared() -> list[str]:
    """The addresses of the shared styles, in their order."""
    names = [GATHERED] if isinstance(staticfiles_storage, GatheringStorage) else SHARED
    return [static(name) for name in names]
