"""Make again with this note: a comment brought into the composer, and the new job led back to its thread."""

from __future__ import annotations

import uuid

from generations.accounts.models import User
from generations.gallery import talking
from generations.gallery.comments import Comment
from generations.jobs.models import Job


def note_of(user: User, origin: Job | None, told: str) -> Comment | None:
    """The comment of this id if it is about a clip of `origin`, and this person sees it."""
    try:
        seen = Comment.objects.visible_to(user).present().filter(pk=uuid.UUID(told), item__job=origin)
    except ValueError:
        return None
    return seen.select_related("item").first()


def with_note(prompt: str, note: Comment) -> str:
    """The prompt with the note on a line of its own, to be worked in."""
    return f"{prompt.rstrip()}\n\n{note.text}"


def lead_back(user: User, job: Job, told: str) -> None:
    """Writes down that this job was made with that note of its parent's clip."""
    if job.parent and (note := note_of(user, job.parent, told)):
        talking.link_remake(job, note)
