"""The request of an upscale: no prompt, one video; its answer is a task like any other."""

from generations.relay.wire import Reference, VideoRequest


def upscale_request(*, model: str, video_url: str, seconds: int, callback_url: str | None = None) -> VideoRequest:
    """`seconds`: the video's own length, rounded up. Source: catalog.json, upscale; contract, Submit."""
    video = Reference(type="video_url", url=video_url, role="reference_video")
    return VideoRequest(model=model, prompt="", seconds=seconds, callback_url=callback_url, content=(video,))
