"""How a PDF begins and how it ends (ISO 32000-2, 7.5.2 and 7.5.5)."""

import io
from typing import BinaryIO

BEGINS = b"%PDF-"
_ENDS = b"startxref"
# Where the end is looked for: some programs write a little more behind it.
_TAIL = 4096


def is_whole_pdf(file: BinaryIO) -> bool:
    """Whether a file that begins as a PDF is there to its end: what broke off while it was sent has none."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - _TAIL))
    return _ENDS in file.read(_TAIL)
