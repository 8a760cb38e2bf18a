"""The log of openings has its time, too: long enough to look into a complaint, and no longer."""

from datetime import date, timedelta

from django.utils import timezone

from coalition.intake.reading.models import Opening

LOG_DAYS = 730


def openings_forget(today: date | None = None) -> int:
    """Delete the lines of the log that are older than two years; return how many these were. For the beat."""
    before = (today or timezone.localdate()) - timedelta(LOG_DAYS)
    return Opening.objects.filter(day__lt=before).delete()[0]
