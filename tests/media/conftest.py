"""Clips made once a run, and a storage of its own for each test."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.media.clips import FASTSTART, H264, SOUND, render


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def clip(folder: Path) -> Path:
    """320x180, 2 s, 24 fps, with sound, index first."""
    return render(folder / "clip.mp4", *SOUND, *H264, *FASTSTART)


@pytest.fixture(scope="session")
def portrait(folder: Path) -> Path:
    """180x320, 1 s, silent, index last."""
    return render(folder / "portrait.mp4", *H264, size="180x320", seconds=1)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "data" / "media"
    return tmp_path / "data"
