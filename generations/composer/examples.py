"""Three prompts to begin with for each family of models, with settings that show what it is good at."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generations.catalog.capabilities import Capabilities
from generations.composer.fit import fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A prompt and the settings that it is best seen in, before a model has been chosen."""

    title: str | Promise
    prompt: str | Promise
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A prompt with every field of the form filled as the model can do it."""

    title: str
    data: dict[str, str]

    @property
    def prompt(self) -> str:
        return self.data["prompt"]

    @property
    def query(self) -> str:
        """For a link that fills the form, also without JavaScript."""
        return urlencode(self.data)


def examples_for(can: Capabilities) -> list[Example]:
    """Three examples, each of which the model can render as it stands."""
    family = next((name for name in SKETCHES if can.name.startswith(name)), "seedance")
    return [_example(sketch, can) for sketch in SKETCHES[family]]


def _example(sketch: Sketch, can: Capabilities) -> Example:
    return Example(title=str(sketch.title), data=fit({"prompt": str(sketch.prompt)} | sketch.settings, can).data)


SKETCHES: dict[str, tuple[Sketch, ...]] = {
    "seedance": (
        Sketch(
            title=_("Dusk walk"),
            prompt=_(
                "A slow walk over a harbour bridge at dusk. Lamps come on one by one and tremble in the water; gulls"
                " cross the frame. The camera glides forward at eye level. Soft wind, far bells."
            ),
            settings={"resolution": "4k", "ratio": "16:9", "audio": "on"},
        ),
        Sketch(
            title=_("Glass and light"),
            prompt=_(
                "Macro shot of a glass perfume bottle turning on wet black stone. One beam of warm light travels over"
                " its edges and breaks into colours; fine mist drifts behind. Studio look, shallow focus."
            ),
            settings={"resolution": "1080p", "ratio": "1:1", "audio": "on"},
        ),
        Sketch(
            title=_("First snow"),
            prompt=_(
                "A fox steps out of a pine forest into the first snow of the year, stops, looks into the camera and"
                " shakes the flakes from its fur. Handheld, close, morning light, quiet breath and crunching snow."
            ),
            settings={"resolution": "720p", "ratio": "9:16", "audio": "on"},
        ),
    ),
    "happyhorse": (
        Sketch(
            title=_("Street kitchen"),
            prompt=_(
                "Night market, close on a cook who tosses noodles in a flaming wok. Sparks rise, steam catches the neon"
                " signs, the crowd murmurs. The camera circles the pan in one unbroken move."
            ),
            settings={"resolution": "1080p", "ratio": "16:9"},
        ),
        Sketch(
            title=_("Gallop"),
            prompt=_(
                "A white horse gallops through shallow sea at sunrise, seen from the side at the same speed. Water"
                " bursts in slow arcs, hooves drum, the low sun flares through the mane."
            ),
            settings={"resolution": "1080p", "ratio": "16:9", "seconds": "6"},
        ),
        Sketch(
            title=_("Good morning"),
            prompt=_(
                'A young baker opens the shutters of a small shop, smiles and says: "Good morning, the bread is still'
                ' warm." Golden light falls on the loaves behind her.'
            ),
            settings={"resolution": "720p", "ratio": "9:16"},
        ),
    ),
    "grok": (
        Sketch(
            title=_("Paper city"),
            prompt=_(
                "A city folded from white paper wakes up: streets unfold, tiny paper trams begin to run, a paper sun"
                " climbs over the roofs. Stop-motion feel, soft shadows, cheerful piano."
            ),
            settings={"resolution": "720p", "ratio": "16:9"},
        ),
        Sketch(
            title=_("Robot gardener"),
            prompt=_(
                "An old rusty robot waters a single sunflower on a rooftop in the rain. It tilts its head, the flower"
                " turns toward it. Wide shot that slowly closes in, melancholy and warm."
            ),
            settings={"resolution": "720p", "ratio": "4:3"},
        ),
        Sketch(
            title=_("Deep blue"),
            prompt=_(
                "A diver with a lantern drifts along a wall of glowing coral. A whale passes behind, immense and slow,"
                " and its song shakes the bubbles."
            ),
            settings={"resolution": "480p", "ratio": "9:16"},
        ),
    ),
    "minimax": (
        Sketch(
            title=_("Desert train"),
            prompt=_(
                "Aerial shot of a silver train that crosses a red desert at noon. Its shadow runs beside it, dust"
                " curls behind, the camera sinks until it flies level with the windows."
            ),
            settings={"resolution": "2k", "ratio": "16:9"},
        ),
        Sketch(
            title=_("Dancer"),
            prompt=_(
                "A dancer in a long red dress turns in an empty concrete hall. Light falls through one high window;"
                " the dress draws circles in the dust. Slow orbit, full body in frame."
            ),
            settings={"resolution": "768p", "ratio": "3:4"},
        ),
        Sketch(
            title=_("Tiny workshop"),
            prompt=_(
                "Inside a pocket watch, mice in leather aprons oil the wheels and polish the springs. One looks up as"
                " the lid opens and daylight floods in. Warm, detailed, playful."
            ),
            settings={"resolution": "768p", "ratio": "1:1"},
        ),
    ),
}
