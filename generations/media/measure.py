"""The main program of the measuring child: `measure.py FILE` prints what PyAV finds as JSON. Only probe.py starts it.

{"width_px": …, …}   or   {"wrong": "bad_type" | "truncated", "reason": "…"}
"""

import json
import sys
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

VIDEO_CODECS = ("h264", "hevc", "av1", "vp9")
MAX_PIXELS = 8192 * 4608  # 8K, and a little
MAX_SECONDS = 6 * 3600
# ignore_editlist: every sample in the index is then a packet, so that those missing can be counted.
OPTIONS = {
    "format_whitelist": "mov",
    "codec_whitelist": "h264,hevc,libdav1d,av1,vp9",
    "protocol_whitelist": "file",
    "ignore_editlist": "1",
}


class Wrong(Exception):
    """args: the kind of wrong, and the reason."""


def measure(path: str) -> dict[str, Any]:
    with _open(path) as container:
        stream = _picture_stream(container)
        sound = container.streams.audio[0].codec_context.name if container.streams.audio else ""
        seconds = _read_to_end(container, stream)
        frames_per_second = stream.average_rate
        codec = stream.codec_context.name
    frame = _first_frame(path)
    width, height = (frame.height, frame.width) if frame.rotation % 180 else (frame.width, frame.height)
    return {
        "width_px": width,
        "height_px": height,
        "duration_ms": round(seconds * 1000),
        "frames_per_second": round(float(frames_per_second), 3) if frames_per_second else None,
        "video_codec": _family(codec),
        "audio_codec": _family(sound),
    }


def _open(path: str) -> InputContainer:
    return av.open(f"file:{path}", format="mov", container_options=OPTIONS)


def _family(decoder: str) -> str:
    """The codec's own name, whichever decoder stands for it: libdav1d -> av1, mp3float -> mp3."""
    return av.Codec(decoder, "r").canonical_name if decoder else ""


def _picture_stream(container: InputContainer) -> VideoStream:
    """The first stream of moving pictures; a cover image is none."""
    for stream in container.streams.video:
        if _family(stream.codec_context.name) in VIDEO_CODECS:
            if stream.width * stream.height > MAX_PIXELS:
                raise Wrong("bad_type", f"{stream.width}x{stream.height} pixels are too many")
            return stream
    raise Wrong("bad_type", "no pictures in a codec that is kept")


def _read_to_end(container: InputContainer, stream: VideoStream) -> Fraction:
    """The duration in seconds, after every packet was read."""
    count, end = 0, Fraction(0)
    for packet in container.demux(stream):
        if packet.size and packet.time_base is not None:
            count += 1
            end = max(end, ((packet.pts or 0) + (packet.duration or 0)) * packet.time_base)
    if count < max(1, stream.frames):
        raise Wrong("truncated", f"{count} of {stream.frames} pictures are there")
    seconds = stream.duration * stream.time_base if stream.duration and stream.time_base else end
    if not 0 < seconds <= MAX_SECONDS:
        raise Wrong("bad_type", "no usable duration")
    return seconds


def _first_frame(path: str) -> VideoFrame:
    with _open(path) as container:
        stream = _picture_stream(container)
        stream.codec_context.thread_count = 1
        for frame in container.decode(stream):
            return frame
    raise Wrong("bad_type", "no picture in it can be decoded")


def main(path: str) -> dict[str, Any]:
    try:
        return measure(path)
    except Wrong as wrong:
        return {"wrong": wrong.args[0], "reason": wrong.args[1]}
    except (av.FFmpegError, ValueError, OverflowError, MemoryError) as error:
        return {"wrong": "bad_type", "reason": f"{type(error).__name__}: {error}"[:300]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])))
