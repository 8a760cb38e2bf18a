"""Files that are two things at once: a photo to whoever looks at it, and something else to a browser or a server."""

import io
import re
from typing import BinaryIO

from cms.base.pdf import BEGINS

_STEP = 1024 * 1024
# What a browser or a server would run, and the beginnings of other files.
_ACTIVE = re.compile(rb"<script[\s>]|<\?php\s|<html[\s>]|<!doctype\s+html|<svg\s+xmlns", re.IGNORECASE)
_OVERLAP = 32
_ZIP_END, _ZIP_LONGEST = b"PK\x05\x06", 22 + 65535


def is_two_things(file: BinaryIO, *, is_pdf: bool) -> bool:
    """Whether something else is inside a file. A PDF may quote a page of the web; a picture or a sound does not."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - _ZIP_LONGEST))
    tail = file.read(_ZIP_LONGEST)
    at = tail.rfind(_ZIP_END)
    # The end of a ZIP says how much follows it: by chance that is never right.
    if at >= 0 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
        return True
    file.seek(0)
    if is_pdf:
        return False
    if BEGINS in file.read(1024):
        return True
    file.seek(0)
    before = b""
    while piece := file.read(_STEP):
        if _ACTIVE.search(before + piece):
            return True
        before = piece[-_OVERLAP:]
    return False
