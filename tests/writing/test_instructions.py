"""What a text model is told: the default, an admin's own, and the facts that nobody edits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generations.accounts.models import User
from generations.composer.ask import Given
from generations.writing import instructions
from generations.writing.models import Instruction
from tests.builders import NOW
from tests.writing.conftest import PURPOSE

pytestmark = pytest.mark.django_db


def test_told_names_the_model_its_length_and_the_references() -> None:
    fox = Given(tag="image1", role="reference_image", kind="image", media_id=1, sha256="")
    first = Given(tag="first", role="first_frame", kind="image", media_id=2, sha256="")
    told = instructions.told(replace(PURPOSE, given=(fox, first)))
    assert instructions.DEFAULTS[""] in told
    assert instructions.DEFAULTS["seedance"] in told
    assert "The model: Seedance 2.0. The length: 5 seconds. It has sound." in told
    assert "References that exist: @image1 (image). Given as images besides: the first frame." in told


def test_still_image_has_no_length() -> None:
    told = instructions.told(instructions.Purpose(model="some-image", label="Some"))
    assert instructions.DEFAULTS["image"] in told
    assert "length:" not in told


def test_changed_instruction_is_told_until_it_is_reset(ada: User) -> None:
    instructions.write("seedance-2.0", "Only haiku. ", actor=ada, now=NOW)
    assert instructions.text_of("seedance-2.0") == "Only haiku."
    assert instructions.text_of("seedance-1.5-pro") == instructions.DEFAULTS["seedance"]
    instructions.reset("seedance-2.0", now=NOW)
    assert instructions.text_of("seedance-2.0") == instructions.DEFAULTS["seedance"]


def test_default_written_again_is_no_change(ada: User) -> None:
    instructions.write("", instructions.DEFAULTS[""], actor=ada, now=NOW)
    assert not Instruction.objects.exists()
