"""Each moment lies in exactly one period, wherever the reader is and whatever clocks do there."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coalition.alerts.models import Rhythm
from coalition.alerts.periods import Period, period_ended, period_of

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(sorted(zoneinfo.available_timezones() - {"Factory", "localtime"}))
RHYTHMS = st.sampled_from([Rhythm.DAILY, Rhythm.WEEKLY])


@given(MOMENTS, ZONES, RHYTHMS)
@example(datetime(2011, 12, 30, 12, tzinfo=UTC), "Pacific/Apia", Rhythm.DAILY)
@example(datetime(2011, 12, 30, 18, tzinfo=UTC), "Pacific/Apia", Rhythm.DAILY)
@example(datetime(2026, 3, 8, 15, tzinfo=UTC), "America/Los_Angeles", Rhythm.DAILY)
@example(datetime(2026, 11, 1, 16, tzinfo=UTC), "America/Los_Angeles", Rhythm.DAILY)
def test_a_moment_lies_in_one_period_and_its_neighbours_touch_it(moment: datetime, zone: str, rhythm: Rhythm) -> None:
    period = period_of(moment, rhythm=rhythm, time_zone=zone)
    assert moment in period
    # Whatever moment of it is asked about, it is the same one.
    for other in (period.begins, period.ends - timedelta(microseconds=1)):
        assert period_of(other, rhythm=rhythm, time_zone=zone) == period
    after = period_of(period.ends, rhythm=rhythm, time_zone=zone)
    before = period_of(period.begins - timedelta(microseconds=1), rhythm=rhythm, time_zone=zone)
    assert (before.ends, after.begins) == (period.begins, period.ends)
    assert before.name < period.name < after.name


@given(MOMENTS, ZONES, RHYTHMS)
def test_the_period_that_is_due_has_ended_and_none_has_since(moment: datetime, zone: str, rhythm: Rhythm) -> None:
    due = period_ended(moment, rhythm=rhythm, time_zone=zone)
    current = period_of(moment, rhythm=rhythm, time_zone=zone)
    assert due.ends == current.begins <= moment < current.ends


@given(MOMENTS, ZONES)
def test_a_week_ends_on_a_monday(moment: datetime, zone: str) -> None:
    period = period_of(moment, rhythm=Rhythm.WEEKLY, time_zone=zone)
    assert date.fromisoformat(period.name).weekday() == 0


@pytest.mark.parametrize(
    ("zone", "begins", "ends"),
    [
        # Clocks go forward on the eighth: that day has twenty-three hours.
        ("America/Los_Angeles", datetime(2026, 3, 7, 16, tzinfo=UTC), datetime(2026, 3, 8, 15, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 3, 7, 2, 30, tzinfo=UTC), datetime(2026, 3, 8, 2, 30, tzinfo=UTC)),
    ],
)
def test_it_is_eight_in_the_morning_where_the_reader_is(zone: str, begins: datetime, ends: datetime) -> None:
    found = period_of(ends - timedelta(seconds=1), rhythm=Rhythm.DAILY, time_zone=zone)
    assert found == Period("2026-03-08", begins, ends)
