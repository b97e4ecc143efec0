"""Content credentials are seen where they lie; anything else is none."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from generations.gallery.provenance import C2PA_BOX, has_credentials
from tests import builders

pytestmark = pytest.mark.django_db

FTYP = (16).to_bytes(4) + b"ftypisom" + bytes(4)
MANIFEST = (40).to_bytes(4) + b"uuid" + C2PA_BOX + bytes(16)
LARGE = (1).to_bytes(4) + b"uuid" + (48).to_bytes(8) + C2PA_BOX + bytes(16)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (FTYP + MANIFEST, True),
        (FTYP + LARGE, True),
        (FTYP + b"\0\0\0\0mdat" + MANIFEST, False),
        (FTYP, False),
        (b"", False),
        (b"\0\0\0\x03xxxx" * 9, False),
        ((20).to_bytes(4) + b"mdat" + C2PA_BOX, False),
    ],
)
def test_manifest_is_found_in_the_outermost_boxes(
    tmp_path: Path, settings: Settings, content: bytes, expected: bool
) -> None:
    settings.MEDIA_ROOT = tmp_path
    media = builders.clip()
    default_storage.save(media.storage_name, ContentFile(content))
    assert has_credentials(media) is expected


def test_missing_file_was_not_looked_at(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path
    assert has_credentials(builders.clip()) is None
