"""What can go wrong with media. Each says whether the file is at fault or we are; nothing here is about who may see it.

MediaFault
 +- BadType      the file is not a video that we keep: trying the same bytes again changes nothing
 +- Truncated    it begins as a video but ends too early: fetching it again may help
 +- ToolFailed   ffmpeg or the measuring did not do its work; this says nothing about the file
 |   +- TooSlow  it was stopped at its deadline
 +- DiskFull     there is no room: wait, change no state, try again
 +- StorageDown  the bucket cannot be reached or refuses us: the same
"""


class MediaFault(Exception):
    """The root of the tree above."""


class BadType(MediaFault):
    pass


class Truncated(MediaFault):
    pass


class ToolFailed(MediaFault):
    pass


class TooSlow(ToolFailed):
    pass


class DiskFull(MediaFault):
    pass


class StorageDown(MediaFault):
    pass
