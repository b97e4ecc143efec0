"""The main program of the frame child: `still.py CLIP SECONDS TARGET SMALL` writes the frame shown at that time as PNG.

Prints {"content_type": …, "width_px": …, "height_px": …, "at_ms": …} or {"wrong": "broken", "reason": "…"}.
"""

import json
import sys
from typing import Any

import av
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from PIL import Image

OPTIONS = {
    "format_whitelist": "mov",
    "codec_whitelist": "h264,hevc,libdav1d,av1,vp9",
    "protocol_whitelist": "file",
}
ROUNDING_SECONDS = 0.0005  # a player tells its time with fewer digits than a frame has
SMALL_PX = 640
HD_FROM_PX = 720  # untold colours are BT.709 from here on, BT.601 below, as browsers take them


def frame_at(path: str, seconds: float) -> VideoFrame:
    """The last frame that begins at or before `seconds`: the one that a paused player shows."""
    with av.open(f"file:{path}", format="mov", container_options=OPTIONS) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        if stream.time_base:
            container.seek(max(0, int(seconds / stream.time_base)), stream=stream, backward=True)
        shown: VideoFrame | None = None
        for frame in container.decode(stream):
            if shown is not None and (frame.time or 0) > seconds + ROUNDING_SECONDS:
                break
            shown = frame
        if shown is None:
            raise ValueError("no frame in it")
        return shown


def picture_of(frame: VideoFrame) -> Image.Image:
    """As it is shown: in its own colours, turned upright."""
    untold = Colorspace.ITU709 if frame.height >= HD_FROM_PX else Colorspace.ITU601
    told = {1: Colorspace.ITU709, 5: Colorspace.ITU601, 6: Colorspace.ITU601}.get(int(frame.colorspace), untold)
    image: Image.Image = frame.reformat(format="rgb24", src_colorspace=told).to_image()  # type: ignore[no-untyped-call]
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def main(path: str, seconds: float, target: str, small: str) -> dict[str, Any]:
    try:
        frame = frame_at(path, seconds)
        image = picture_of(frame)
    except (av.FFmpegError, ValueError, IndexError, OverflowError, MemoryError) as error:
        return {"wrong": "broken", "reason": f"{type(error).__name__}: {error}"[:300]}
    image.save(target, "PNG", compress_level=4)
    size = {"width_px": image.width, "height_px": image.height}
    image.thumbnail((SMALL_PX, SMALL_PX))
    image.save(small, "WEBP", quality=78)
    return {"content_type": "image/png", "at_ms": round((frame.time or 0) * 1000)} | size


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], float(sys.argv[2]), *sys.argv[3:5])))
