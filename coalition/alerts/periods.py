"""When a digest is due: at eight in the morning where the reader is, each day or each Monday.

A period ends at eight on the day that names it and begins where the one before ended: each moment lies in exactly one,
whatever clocks do.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coalition.alerts.models import Rhythm

MORNING = time(8)
_DAYS = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7}


@dataclass(frozen=True)
class Period:
    """A span of time, in UTC: from ``begins`` on, before ``ends``. Named by the day on which it ends."""

    name: str
    begins: datetime
    ends: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def period_of(moment: datetime, *, rhythm: Rhythm, time_zone: str) -> Period:
    """Return the period in which a moment lies.

    Raises:
        KeyError: the rhythm has no periods.
        ZoneInfoNotFoundError: there is no such time zone.
    """
    zone, step = ZoneInfo(time_zone), _DAYS[rhythm]
    day = moment.astimezone(zone).date()
    if step == 7:
        day -= timedelta(days=day.weekday())
    # Of a day that was left out, or came twice, a neighbour may be meant.
    day -= timedelta(days=2 * step)
    while _morning(day, zone) <= moment:
        day += timedelta(days=step)
    return Period(day.isoformat(), _morning(day - timedelta(days=step), zone), _morning(day, zone))


def period_ended(moment: datetime, *, rhythm: Rhythm, time_zone: str) -> Period:
    """Return the last period that has ended at a moment: the one whose digest is due."""
    current = period_of(moment, rhythm=rhythm, time_zone=time_zone)
    return period_of(current.begins - timedelta(microseconds=1), rhythm=rhythm, time_zone=time_zone)
