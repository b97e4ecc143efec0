"""What happens to files while a request is read: NoFiles on every page, KeepFiles where a library takes them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext as _

from generations.media.disk import disk_full_named, temp_dir
from generations.media.errors import DiskFull
from generations.media.gate import Gate
from generations.media.rules import Refused, Rule

FIELD = "files"
MOST_FILES = 20


class NoFiles(FileUploadHandler):
    """Files sent to a page that takes none are read past and kept nowhere."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


@dataclass(slots=True)
class Sent:
    """One file of a form: where it lies until the request ends, or why it was refused while it came."""

    name: str
    file: IO[bytes] | None = None
    refused: Refused | None = None

    def drop(self, refused: Refused) -> None:
        self.refused = self.refused or refused
        self.close()

    def close(self) -> None:
        if self.file is not None:
            self.file.close()  # a temporary file: closed is gone


class KeepFiles(FileUploadHandler):
    """Writes each file to DATA_DIR/tmp through the gate; `sent` tells of all of them, in the form's order.

    What is refused is dropped at once, and the rest of it read past.
    """

    chunk_size = 256 * 1024

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sent] = []
        self._gate = Gate()

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        if field_name != FIELD:
            raise SkipFile
        self._gate = Gate()
        self.sent.append(Sent(file_name))
        self._unless_refused(self._begin)

    def _begin(self) -> None:
        if len(self.sent) > MOST_FILES:
            raise Refused(Rule.COUNT, _("%(most)d files at once at most.") % {"most": MOST_FILES})
        self.sent[-1].file = tempfile.NamedTemporaryFile(dir=temp_dir(), suffix=".upload")  # noqa: SIM115

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._unless_refused(self._write, raw_data)

    def _write(self, piece: bytes) -> None:
        self._gate.take(piece)
        if file := self.sent[-1].file:
            file.write(piece)

    def file_complete(self, file_size: int) -> None:
        with contextlib.suppress(SkipFile):  # there is no rest to read past
            self._unless_refused(self._end)

    def _end(self) -> None:
        self._gate.close()
        if file := self.sent[-1].file:
            file.flush()

    def _unless_refused[**P](self, step: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with disk_full_named():
                step(*args, **kwargs)
        except Refused as refused:
            self.sent[-1].drop(refused)
            raise SkipFile from None
        except DiskFull:
            self.sent[-1].drop(disk_full())
            raise SkipFile from None

    def close(self) -> None:
        """The files are gone after this."""
        for sent in self.sent:
            sent.close()


def disk_full() -> Refused:
    return Refused(Rule.ROOM, _("The studio's disk is full. Nothing more can be kept until there is room."))
