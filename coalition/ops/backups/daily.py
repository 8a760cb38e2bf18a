"""A backup every night, where the settings name a place for it."""

import datetime
import logging
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from coalition.ops.backups.layout import backups, moment_of
from coalition.ops.backups.making import backup_make, ledger_copy
from coalition.ops.refusal import Refusal

logger = logging.getLogger(__name__)
# Asked every hour: a machine that is off at night makes it when it is on again.
EVERY = datetime.timedelta(hours=23)


def backup_if_due() -> None:
    """Make a backup when the last one is a day old. What stands in the way is logged, and ``doctor`` says it."""
    if not settings.BACKUPS_DAILY:
        return
    now, last = timezone.now(), last_made()
    if last and now - last < EVERY:
        return
    try:
        backup_make(to=Path(settings.BACKUPS), keep=settings.BACKUPS_KEPT, now=now)
    except (Refusal, OSError) as error:
        logger.error("No backup was made: %s", error)


def ledger_keep() -> None:
    """Copy the ledger of deletions to the backups: if this machine is lost, they forget what was deleted since."""
    if not settings.BACKUPS_DAILY or not Path(settings.BACKUPS).is_dir():
        return
    try:
        ledger_copy(to=Path(settings.BACKUPS))
    except OSError as error:
        logger.error("The ledger of deletions was not copied: %s", error)


def last_made() -> datetime.datetime | None:
    """Return when the newest complete backup was made; None where there is none."""
    made = backups(Path(settings.BACKUPS))
    return moment_of(made[-1]) if made else None
