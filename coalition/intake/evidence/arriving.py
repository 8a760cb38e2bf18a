"""How a form's files arrive: each piece is encrypted as it comes, so that no temporary file ever holds one in clear."""

import hashlib
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from coalition.intake.evidence.kinds import HEAD, kind_of, said_unknown
from coalition.intake.evidence.vault import Writer, has_room


def said_large() -> str:
    """Return what one is told whose file is too large."""
    return _("This file is larger than %(most)s megabytes. Make it smaller, or send it in parts.") % {
        "most": settings.INTAKE_FILE_BYTES // (1024 * 1024)
    }


def said_full() -> str:
    """Return what one is told when there is no room for more."""
    return _("This is more than fits into one telling: at most %(files)s files and %(most)s megabytes together.") % {
        "files": settings.INTAKE_FILES_MOST,
        "most": settings.INTAKE_FILES_BYTES // (1024 * 1024),
    }


def said_no_room() -> str:
    """Return what one is told when the site's disk is full."""
    return _("The site has no room for files just now. What you wrote is safe; try again later.")


class Arrived(UploadedFile):
    """A file that lies encrypted in the folder, or ``refused`` with a sentence, when nothing of it lies anywhere."""

    def __init__(self, *, name: str, declared: str, writer: Writer | None, sha256: str, refused: str) -> None:
        super().__init__(None, name, declared, writer.size if writer else 0)
        self.declared, self.sha256, self.refused = declared, sha256, refused
        self._writer = writer

    @property
    def stored(self) -> UUID:
        """The file's name in the folder."""
        assert self._writer is not None  # noqa: S101 - asked only of what was not refused
        return self._writer.file

    @property
    def key(self) -> bytes:
        """What it is encrypted with."""
        assert self._writer is not None  # noqa: S101 - as above
        return self._writer.key

    def keep(self) -> None:
        """Let it stay: a row names it by now."""
        assert self._writer is not None  # noqa: S101 - as above
        self._writer.is_kept = True


class EncryptingUploadHandler(FileUploadHandler):
    """Encrypts all files of a request while they arrive. Has to be set before anything reads the request's form."""

    chunk_size = 64 * 1024

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._taken = self._count = 0
        self._arrived: list[Writer] = []
        self._begin()

    def _begin(self) -> None:
        self._writer: Writer | None = None
        self._head, self._refused = b"", ""
        self._hash = hashlib.sha256()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._begin()
        self._count += 1
        if self._count > settings.INTAKE_FILES_MOST:
            self._refused = said_full()
        elif not has_room(settings.INTAKE_FILE_BYTES):
            self._refused = said_no_room()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Encrypt a piece; of what is not taken nothing is kept."""
        if self._refused:
            return
        self._taken += len(raw_data)
        if self._writer is None:
            self._head += raw_data
            if len(self._head) < HEAD:
                return
            if kind_of(self._head) is None:
                self._refuse(said_unknown())
                return
            self._writer = Writer()
            raw_data = self._head
        if self._writer.size + len(raw_data) > settings.INTAKE_FILE_BYTES:
            self._refuse(said_large())
        elif self._taken > settings.INTAKE_FILES_BYTES:
            self._refuse(said_full())
        else:
            self._hash.update(raw_data)
            self._writer.write(raw_data)

    def _refuse(self, sentence: str) -> None:
        self._refused = sentence
        if self._writer is not None:
            self._writer.discard()
        self._writer = None

    def file_complete(self, file_size: int) -> Arrived:
        """End a file, and return it."""
        if self._writer is None and not self._refused:
            if kind_of(self._head) is None:
                self._refused = said_unknown()
            else:
                self._writer = Writer()
                self._hash.update(self._head)
                self._writer.write(self._head)
        if self._writer is not None:
            self._arrived.append(self._writer)
            self._writer.end()
        return Arrived(
            name=self.file_name or "",
            declared=self.content_type or "",
            writer=self._writer,
            sha256=self._hash.hexdigest(),
            refused=self._refused,
        )

    def finish(self) -> None:
        """Leave nothing behind of what no row names: it broke off, was refused, or came with a form that was."""
        for writer in {*self._arrived, *([self._writer] if self._writer else [])}:
            if not writer.is_kept:
                writer.discard()
