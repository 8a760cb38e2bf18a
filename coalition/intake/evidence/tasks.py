"""What the worker and the beat do for files. No id stands in a task: the worker looks for itself."""

import logging
from uuid import UUID

from django_tasks import task

from coalition.intake.careful import report
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import copies_waiting, copy_make
from coalition.intake.sealing import SealBrokenError

logger = logging.getLogger("coalition.intake")


class CopiesNotMadeError(Exception):
    """Copies could not be made; the log says where it failed."""


@task()
def copies_make() -> int:
    """Make the copies that are missing; return how many files that was.

    Raises:
        CopiesNotMadeError: something failed that is no matter of one file. What a task raises is kept with it, so the
            error itself, whose sentence may hold what somebody wrote, does not come along.
    """
    try:
        waiting = copies_waiting()
        for pk in waiting:
            _copy_make(pk)
    except Exception as error:
        report(error)
    else:
        return len(waiting)
    raise CopiesNotMadeError


def _copy_make(pk: UUID) -> None:
    try:
        copy_make(pk)
    except Evidence.DoesNotExist:
        # Taken back meanwhile.
        return
    except (OSError, SealBrokenError) as error:
        logger.error("A copy for moderators could not be made: %s", type(error).__name__)


def copies_see() -> None:
    """Have the missing copies made. For the beat."""
    if copies_waiting():
        from coalition.ops.schedule import is_waiting  # only the beat needs to know

        if not is_waiting(copies_make.module_path):
            copies_make.enqueue()
