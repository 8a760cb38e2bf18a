"""Ctrl-C, SIGTERM and a closed terminal all mean: stop, and leave nothing behind."""

import signal
from types import FrameType


class Stopped(BaseException):
    """Raised where we are when somebody asks us to stop; like KeyboardInterrupt, no ``except Exception`` catches it."""


def _raise(number: int, frame: FrameType | None) -> None:
    # The clearing-up that follows must not be interrupted by the same impatience.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def stop_signals_raise() -> None:
    """Turn the three signals into ``Stopped``.

    SIGINT is set although Python has a handler, because a shell starts background jobs with it ignored. SIGHUP stays
    ignored where ``nohup`` asked for it.
    """
    signal.signal(signal.SIGINT, _raise)
    signal.signal(signal.SIGTERM, _raise)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _raise)
