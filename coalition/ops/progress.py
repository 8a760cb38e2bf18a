"""One line a step, with its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Note:
    """What a step found out while it ran; its text follows the step's title."""

    text = ""


@contextmanager
def step(title: str) -> Iterator[Note]:
    """Time the block and print its line when it ends well; on a terminal the title stands there while it runs."""
    note = Note()
    terminal = sys.stdout.isatty()
    started = time.monotonic()
    if terminal:
        _write(f"         {title} …")
    try:
        yield note
    except BaseException:
        if terminal:
            _write("\n")
        raise
    seconds = time.monotonic() - started
    text = f"{title}: {note.text}" if note.text else title
    _write(f"{chr(13) if terminal else ''}{seconds:6.1f} s  {text}\n")


def say(text: str) -> None:
    """Print a line of its own, under the steps."""
    _write(text + "\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
