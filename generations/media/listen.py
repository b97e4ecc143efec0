"""The main program of the sound child: `listen.py FILE mp3|wav` decodes it to its end and prints what it heard.

{"duration_ms": …, "audio_codec": …, "peaks": [0-100, …]}   or   {"wrong": "type" | "broken", "reason": "…"}
"""

import array
import json
import struct
import sys
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer

WAV_CODECS = ("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le")
CODECS = {"mp3": ("mp3", "mp3float"), "wav": WAV_CODECS}
RATE = 8000  # for the peaks and the length
PEAKS = 96
MOST_SECONDS = 60  # of decoding; what is longer is refused anyway
CUT_SECONDS = 0.5  # missing at the end of an MP3 that says its length
UNTOLD = 0xFFFFFFFF  # the length that a WAV written to a pipe gives


class Wrong(Exception):
    """args: the kind of wrong, and the reason."""


def listen(path: str, form: str) -> dict[str, Any]:
    if form == "wav":
        check_chunks(Path(path))
    options = {"format_whitelist": form, "codec_whitelist": ",".join(CODECS[form]), "protocol_whitelist": "file"}
    with av.open(f"file:{path}", format=form, container_options=options) as container:
        if not container.streams.audio or container.streams.audio[0].codec_context.name not in CODECS[form]:
            raise Wrong("type", "no sound in a codec that is kept")
        stream = container.streams.audio[0]
        told = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
        codec = stream.codec_context.codec.canonical_name
        samples = heard(container)
    seconds = len(samples) / RATE
    if not samples or (seconds < MOST_SECONDS and seconds < told - CUT_SECONDS):
        raise Wrong("broken", f"{seconds:.2f} of {told:.2f} s can be heard")
    return {"duration_ms": round(max(seconds, told) * 1000), "audio_codec": codec, "peaks": peaks_of(samples)}


def heard(container: InputContainer) -> "array.array[int]":
    """All of it as 8 kHz mono, or its first minute."""
    samples = array.array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in container.decode(audio=0):
        for part in resampler.resample(frame):
            samples.frombytes(content(part))
        if len(samples) > MOST_SECONDS * RATE:
            return samples
    for part in resampler.resample(None):
        samples.frombytes(content(part))
    return samples


def content(frame: AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * 2]


def peaks_of(samples: "array.array[int]") -> list[int]:
    """The loudest of each part, 0 to 100."""
    step = max(1, len(samples) / PEAKS)
    parts = (samples[int(number * step) : int((number + 1) * step)] for number in range(PEAKS))
    return [max(map(abs, part), default=0) * 100 // 32768 for part in parts]


def check_chunks(path: Path) -> None:
    """Raises Wrong when a WAV ends before its chunks do."""
    size, start = path.stat().st_size, 12
    with path.open("rb") as file:
        while start + 8 <= size:
            file.seek(start)
            name, length = struct.unpack("<4sI", file.read(8))
            if name == b"data":
                if length != UNTOLD and start + 8 + length > size:
                    raise Wrong("broken", "ends within its sound")
                return
            start += 8 + length + length % 2
    raise Wrong("broken", "has no sound")


def main(path: str, form: str) -> dict[str, Any]:
    try:
        return listen(path, form)
    except Wrong as wrong:
        return {"wrong": wrong.args[0], "reason": wrong.args[1]}
    except (av.FFmpegError, ValueError, OverflowError, MemoryError, OSError, struct.error) as error:
        return {"wrong": "broken", "reason": f"{type(error).__name__}: {error}"[:300]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2])))
