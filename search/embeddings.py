"""Text to vectors: the door through which everything else uses an encoder.

Which one is the setting ``ENCODER`` (from ``COALITION_ENCODER``): ``minilm`` for English, ``multilingual`` (its weights
are installed separately), or ``none`` to match by words and concepts alone. It is made ready once by
``prepare_encoder``, at set-up, and loaded by the first call in each process. Where it cannot be had the site goes on
without: ``encoder`` and ``embed`` return None.

    vectors = embed(["The app sets my pay.", "Software decides what I earn."])
    if vectors is not None:
        cosine = vectors[0] @ vectors[1]
"""

import ctypes
import importlib
import logging
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from django.conf import settings

from search.encoders.base import Encoder, EncoderUnavailable, Vectors

__all__ = ["Encoder", "EncoderUnavailable", "Vectors", "embed", "encoder", "encoder_status", "prepare_encoder", "reads"]

logger = logging.getLogger(__name__)

RETRY_SECONDS = 60.0
"""How long a failure to load is believed: a site that was started before its set-up finds the encoder by itself."""

_MODULES = {"minilm": "search.encoders.minilm", "multilingual": "search.encoders.multilingual"}

_OFF = "The encoder is turned off (COALITION_ENCODER=none): stories are matched by words and concepts."


@dataclass(frozen=True)
class _Choice:
    """What the settings ask for; a loaded encoder is kept for as long as they ask for the same."""

    name: str
    root: Path
    threads: int


@dataclass(frozen=True)
class _Attempt:
    """What came of loading: the encoder, or else the cause and when (seconds of the monotonic clock)."""

    choice: _Choice
    encoder: Encoder | None
    cause: str = ""
    at: float = 0.0


_lock = threading.Lock()
_attempt: _Attempt | None = None


def _forget_after_fork() -> None:
    """Start afresh in a forked child (gunicorn --preload): an encoder's threads stay behind in the parent."""
    global _lock, _attempt
    if _attempt is not None:
        # Never to be destroyed, not even at exit: that would wait for the threads, and abort for want of them.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(_attempt))
    _lock, _attempt = threading.Lock(), None


os.register_at_fork(after_in_child=_forget_after_fork)


def embed(texts: Sequence[str]) -> Vectors | None:
    """Encode texts into unit vectors, float32 of shape (len(texts), dimensions), in their order.

    A text's vector does not depend on the others. What lies beyond the encoder's window (some 200 words) is left out;
    an empty text gets a vector that means nothing. None if there is no encoder.
    """
    found = encoder()
    return None if found is None else found.encode(texts)


def encoder() -> Encoder | None:
    """Return this process's encoder, loaded by the first call (0.1 s); None if it is turned off or cannot be had.

    A failure is logged once for each cause, and loading is tried again after ``RETRY_SECONDS``.
    """
    choice = _choice()
    if choice.name == "none":
        return None
    return _load(choice).encoder


def reads(language: str) -> bool:
    """Whether vectors of texts in a language mean anything here; not where there is no encoder.

    Args:
        language: its code, such as ``es``.
    """
    found = encoder()
    return found is not None and (found.languages is None or language in found.languages)


def prepare_encoder() -> str:
    """Make the encoder ready for every process (half a second the first time); safe to repeat and to interrupt.

    Returns:
        One sentence on what was done, for whoever runs set-up.

    Raises:
        EncoderUnavailable: with one sentence on why not.
    """
    choice = _choice()
    if choice.name == "none":
        return _OFF
    module = _module(choice)
    converted = module.prepare(choice.root)
    # Set-up must not call good what the site then cannot load.
    loaded = module.load(choice.root, threads=choice.threads)
    return f"The encoder {loaded.name} {'was made' if converted else 'is already'} in {choice.root}."


def encoder_status() -> tuple[bool, str]:
    """Say for ``doctor`` whether matching by meaning works as configured, and one sentence on it; tries it out."""
    choice = _choice()
    if choice.name == "none":
        return True, _OFF
    attempt = _load(choice, believe_failure=False)
    if attempt.encoder is None:
        return False, attempt.cause
    started = time.perf_counter()
    attempt.encoder.encode(["Software decides who is hired."])
    milliseconds = (time.perf_counter() - started) * 1000
    return True, f"The encoder {attempt.encoder.name} works ({milliseconds:.0f} ms for a sentence)."


def _choice() -> _Choice:
    """Read the settings; ``ENCODER_THREADS`` is by default the cores this process may use, at most two."""
    threads = getattr(settings, "ENCODER_THREADS", None) or min(2, _cores())
    return _Choice(getattr(settings, "ENCODER", "minilm"), Path(settings.ENCODER_DIR), threads)


def _cores() -> int:
    """Count the cores this process may use; a container's share is often less than the machine (Linux tells)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _load(choice: _Choice, *, believe_failure: bool = True) -> _Attempt:
    """Return what loading this choice gave, or gives now if it was never tried, or failed long enough ago."""
    global _attempt
    if (known := _still_good(choice, believe_failure)) is not None:
        return known
    with _lock:
        if (known := _still_good(choice, believe_failure)) is not None:
            return known  # Another thread loaded it while this one waited.
        try:
            attempt = _Attempt(choice, _module(choice).load(choice.root, threads=choice.threads))
        except EncoderUnavailable as error:
            attempt = _Attempt(choice, None, str(error), time.monotonic())
        if attempt.cause and attempt.cause != (_attempt.cause if _attempt else ""):
            logger.warning("Stories are matched by words and concepts only. %s", attempt.cause)
        _attempt = attempt
        return attempt


def _still_good(choice: _Choice, believe_failure: bool) -> _Attempt | None:
    """Return the last attempt if it answers for this choice: a success always, a failure for ``RETRY_SECONDS``."""
    attempt = _attempt
    if attempt is None or attempt.choice != choice:
        return None
    if attempt.encoder is None and not (believe_failure and time.monotonic() - attempt.at < RETRY_SECONDS):
        return None
    return attempt


def _module(choice: _Choice) -> ModuleType:
    """Import the chosen encoder's module, which has ``prepare`` and ``load``.

    Raises:
        EncoderUnavailable: there is none of that name, or its libraries do not load.
    """
    if choice.name not in _MODULES:
        raise EncoderUnavailable(
            f"There is no encoder called {choice.name!r}: set COALITION_ENCODER to {', '.join(_MODULES)} or none."
        )
    try:
        # Here, so that the site starts where its libraries do not load.
        return importlib.import_module(_MODULES[choice.name])
    except ImportError as error:
        raise EncoderUnavailable(
            f"The encoder's libraries cannot be loaded ({error}): install requirements.txt again."
        ) from error
