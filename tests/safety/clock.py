"""Standing at a moment: what Django says that it is now, to the second."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let Django's clock stand still at a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: moment)
        yield


def around(day: date) -> tuple[datetime, datetime]:
    """Return the last second before a day of the site's time zone, and its first."""
    begins = timezone.make_aware(datetime.combine(day, time()))
    return begins - timedelta(seconds=1), begins
