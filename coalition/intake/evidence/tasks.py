"""What the worker and the beat do for files. No id stands in a task: the worker looks for itself."""

import logging

from django_tasks import task

from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import copies_waiting, copy_make
from coalition.intake.sealing import SealBrokenError

logger = logging.getLogger("coalition.intake")


@task()
def copies_make() -> int:
    """Make the copies that are missing; return how many files that was."""
    waiting = copies_waiting()
    for pk in waiting:
        try:
            copy_make(pk)
        except Evidence.DoesNotExist:
            # Taken back meanwhile.
            continue
        except (OSError, SealBrokenError) as error:
            logger.error("A copy for moderators could not be made: %s", type(error).__name__)
    return len(waiting)


def copies_see() -> None:
    """Have the missing copies made. For the beat."""
    if copies_waiting():
        from coalition.ops.schedule import is_waiting  # only the beat needs to know

        if not is_waiting(copies_make.module_path):
            copies_make.enqueue()
