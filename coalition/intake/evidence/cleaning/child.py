"""A process of its own that makes one clean copy: a file comes in through a pipe, a copy goes out through another.

It has no key, no database and no settings; it may not write a file; memory and time are bounded. What breaks the
library that reads a file, or blows up in memory, ends this process and nothing else.
"""

import resource
import sys
from collections.abc import Callable

from coalition.intake.evidence.cleaning import NotCleanableError

MEMORY = 2 * 1024 * 1024 * 1024
SECONDS = 60
CANNOT = 3


def _picture(data: bytes) -> tuple[bytes, str]:
    from cms.base.pixels import BROKEN, without_metadata

    try:
        return without_metadata(data)
    except BROKEN as error:
        raise NotCleanableError from error


def _plain(module: str, function: str, extension: str) -> Callable[[bytes], tuple[bytes, str]]:
    def clean(data: bytes) -> tuple[bytes, str]:
        from importlib import import_module

        found: Callable[[bytes], bytes] = getattr(
            import_module(f"coalition.intake.evidence.cleaning.{module}"), function
        )
        return found(data), extension

    return clean


CLEANERS: dict[str, Callable[[bytes], tuple[bytes, str]]] = {
    **dict.fromkeys(("jpeg", "png", "webp", "tiff", "heic"), _picture),
    "pdf": _plain("pdf", "pdf_clean", "pdf"),
    "mp3": _plain("audio", "mp3_clean", "mp3"),
    "wav": _plain("audio", "wav_clean", "wav"),
    "flac": _plain("audio", "flac_clean", "flac"),
    "ogg": _plain("ogg", "ogg_clean", "ogg"),
    "m4a": _plain("mp4", "mp4_clean", "m4a"),
}


def main(kind: str) -> int:
    """Read, clean, write; the first line says what kind the copy is of."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        data, extension = CLEANERS[kind](sys.stdin.buffer.read())
    except (NotCleanableError, MemoryError):
        return CANNOT
    sys.stdout.buffer.write(extension.encode("ascii") + b"\n" + data)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
