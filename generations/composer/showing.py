"""What a model may be shown: the contract's limits and the model's own, each with its own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.catalog.capabilities import Capabilities
from generations.composer.ask import Given
from generations.composer.references import unknown, unused

# Source: contract.md, Submit
MAX_MEGABYTES = {"image": 30, "video": 50, "audio": 15}
MIN_SIDE_PX, MAX_SIDE_PX = 300, 6000
MIN_ASPECT, MAX_ASPECT = 0.4, 2.5
MIN_VIDEO_MS, MAX_MS = 2_000, 15_000
PADDING_MS = 50  # encoders fill the last frame


def problems(given: Sequence[Given], can: Capabilities) -> list[str]:
    """Everything that is wrong with what the model is shown, in words."""
    frames = [each for each in given if each.is_frame]
    references = [each for each in given if not each.is_frame]
    found = [*_counts(references, can), *_frames(frames, references, can), *_mixture(references)]
    return found + [said for each in given for said in _own(each)]


def strangers(prompt: str, given: Sequence[Given]) -> str:
    """'' or which mentions name nothing in the tray."""
    names = [f"@{tag}" for tag in unknown(prompt, given)]
    if not names:
        return ""
    told = {"names": get_text_list(names, _("and"))}
    return _("Nothing in the tray is called %(names)s: add it, or take the mention out.") % told


def idle(prompt: str, given: Sequence[Given]) -> str:
    """'' or what is in the tray and not mentioned: it is sent all the same."""
    names = [f"@{each.tag}" for each in unused(prompt, given)]
    if not names:
        return ""
    told = {"names": get_text_list(names, _("and"))}
    return (
        ngettext(
            "%(names)s is not mentioned in the prompt; it is sent all the same.",
            "%(names)s are not mentioned in the prompt; they are sent all the same.",
            len(names),
        )
        % told
    )


def taken(can: Capabilities) -> str:
    """What the model may be shown, in words."""
    told = {"model": can.label}
    if not can.takes_references and not can.takes_first_frame:
        return _("%(model)s takes no references and no frames.") % told
    if not can.takes_references:
        return _("%(model)s takes no references, only frames to begin and end with.") % told
    return _("%(model)s takes %(counts)s.") % (told | {"counts": _allowed(can)})


def closed(given: Sequence[Given], can: Capabilities) -> dict[str, str]:
    """Why nothing more of a kind ("image", "video", "audio") or of a frame ("first", "last") can be added just now.

    What can be added is not in it.
    """
    told = {"model": can.label, "most": can.most_references}
    references = sum(not each.is_frame for each in given)
    beside = _("References can't stand beside a first or last frame: take the frame out first.")
    full = _("%(model)s takes %(most)d references in all.") % told
    kinds = {kind: said % told for kind, (said, _many) in _kinds().items()}
    frames = {"first": _("%(model)s takes no first frame."), "last": _("%(model)s takes no last frame.")}
    able = {"first": can.takes_first_frame, "last": can.takes_last_frame}
    apart = _("A frame can't stand beside references: take them out first.")
    found = {}
    for kind, none in kinds.items():
        found[kind] = none if not can.most_of(kind) else beside if references < len(given) else ""
        found[kind] = found[kind] or (full if references >= can.most_references else "")
    found |= {tag: said % told if not able[tag] else apart if references else "" for tag, said in frames.items()}
    return {name: reason for name, reason in found.items() if reason}


def _allowed(can: Capabilities) -> str:
    """ "9 images, 3 videos and 3 sounds, 12 in all" """
    words = {"image": _("%(n)d images"), "video": _("%(n)d videos"), "audio": _("%(n)d sounds")}
    if can.most_of("image") == 1:
        words["image"] = _("%(n)d image")
    counts = [said % {"n": can.most_of(kind)} for kind, said in words.items() if can.most_of(kind)]
    listed = str(get_text_list(counts, _("and")))
    if len(counts) > 1:
        listed += _(", %(n)d in all") % {"n": can.most_references}
    return listed


def _counts(references: Sequence[Given], can: Capabilities) -> Iterator[str]:
    told = {"model": can.label, "n": len(references)}
    if references and not can.takes_references:
        yield _("%(model)s takes no references: take them out, or choose another model.") % told
        return
    for kind, (none, many) in _kinds().items():
        count, most = sum(each.kind == kind for each in references), can.most_of(kind)
        if count > most:
            yield (many if most else none) % (told | {"most": most, "n": count})
    if len(references) > can.most_references > 0:
        yield _("%(model)s takes %(most)d references in all, not %(n)d.") % (told | {"most": can.most_references})


def _kinds() -> dict[str, tuple[str, str]]:
    """For each kind of reference: that a model takes none, that there are too many."""
    return {
        "image": (
            _("%(model)s takes no images as references."),
            _("Images for %(model)s: %(most)d at most, not %(n)d."),
        ),
        "video": (_("%(model)s takes no videos."), _("Videos for %(model)s: %(most)d at most, not %(n)d.")),
        "audio": (_("%(model)s takes no sounds."), _("Sounds for %(model)s: %(most)d at most, not %(n)d.")),
    }


def _frames(frames: Sequence[Given], references: Sequence[Given], can: Capabilities) -> Iterator[str]:
    roles, told = {each.role for each in frames}, {"model": can.label}
    if frames and references:
        yield _("A first or last frame can't stand beside references: the relay takes one or the other.")
    if "first_frame" in roles and not can.takes_first_frame:
        yield _("%(model)s takes no first frame.") % told
    if "last_frame" in roles and not can.takes_last_frame:
        yield _("%(model)s takes no last frame.") % told
    if roles == {"last_frame"}:
        yield _("A last frame needs a first one.")


def _mixture(references: Sequence[Given]) -> Iterator[str]:
    if references and all(each.kind == "audio" for each in references):
        yield _("Sound needs at least one image or video beside it.")


def _own(each: Given) -> Iterator[str]:
    """The limits of one file; the library keeps most of them already, a frame or a clip may come another way."""
    told: dict[str, object] = {"name": each.tag if each.is_frame else f"@{each.tag}"}
    if each.size_bytes > MAX_MEGABYTES[each.kind] * 1_000_000:
        yield _("%(name)s has more than %(most)d MB.") % (told | {"most": MAX_MEGABYTES[each.kind]})
    if each.kind == "image" and each.width_px and each.height_px:
        yield from _sides(each, told)
    if each.kind == "video" and not MIN_VIDEO_MS - PADDING_MS <= each.milliseconds <= MAX_MS + PADDING_MS:
        yield _("%(name)s must be 2 to 15 s long.") % told
    if each.kind == "audio" and each.milliseconds > MAX_MS + PADDING_MS:
        yield _("%(name)s may be 15 s long at most.") % told


def _sides(each: Given, told: dict[str, object]) -> Iterator[str]:
    if min(each.width_px, each.height_px) < MIN_SIDE_PX or max(each.width_px, each.height_px) > MAX_SIDE_PX:
        yield _("%(name)s: an image's sides must be 300 to 6000 px.") % told
    if not MIN_ASPECT <= each.width_px / each.height_px <= MAX_ASPECT:
        yield _("%(name)s: an image's width must be 0.4 to 2.5 times its height.") % told
