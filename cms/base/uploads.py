"""Where uploads wait while they arrive: in memory, up to a bound, and never in a temporary file.

Django writes a larger upload to the temporary folder as it came, with everything a camera noted about it.
"""

import io
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class TooLargeFile(InMemoryUploadedFile):
    """Stands for an upload over the bound: its name, and nothing of what is in it. Forms refuse it as empty."""

    too_large = True


class BoundedUploadHandler(FileUploadHandler):
    """Keeps all uploads of a request in memory, together at most ``UPLOAD_MOST_BYTES``."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._taken = 0
        self._buffer = io.BytesIO()
        self._is_over = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._buffer = io.BytesIO()
        self._is_over = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece, or, once it is too much, let the rest pass by."""
        self._taken += len(raw_data)
        if self._taken > settings.UPLOAD_MOST_BYTES:
            self._is_over = True
            self._buffer = io.BytesIO()
        if not self._is_over:
            self._buffer.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file, or what stands for one that was too large."""
        kind = TooLargeFile if self._is_over else InMemoryUploadedFile
        size = 0 if self._is_over else file_size
        self._buffer.seek(0)
        return kind(
            self._buffer,
            self.field_name or "",
            self.file_name or "",
            self.content_type or "",
            size,
            self.charset,
            self.content_type_extra,
        )
