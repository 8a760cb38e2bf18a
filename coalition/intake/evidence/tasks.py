"""What the worker and the beat do for files. No id stands in a task: the worker looks for itself.

A task is kept with its times to the second, and one that is made when a file has come says when that was. So it is made
every minute, whether or not anything waits, and goes as soon as it is done: how long it took would say it as well.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone
from django_tasks import task
from django_tasks.signals import task_finished
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from coalition.intake.careful import report
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import copies_waiting, copy_make
from coalition.intake.sealing import SealBrokenError

logger = logging.getLogger("coalition.intake")


# What a worker began and did not end, because it was ended itself, stays no longer.
_LEFT = timedelta(hours=1)


class CopiesNotMadeError(Exception):
    """Copies could not be made; the log says where it failed."""


@task()
def copies_make() -> None:
    """Make the copies that are missing.

    Raises:
        CopiesNotMadeError: something failed that is no matter of one file. What a task raises is kept with it, so the
            error itself, whose sentence may hold what somebody wrote, does not come along.
    """
    try:
        for pk in copies_waiting():
            _copy_make(pk)
        return
    except Exception as error:
        report(error)
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
    """Have the missing copies made, whether or not there are any. For the beat."""
    from coalition.ops.schedule import is_waiting  # only the beat needs to know

    DBTaskResult.objects.filter(task_path=copies_make.module_path, enqueued_at__lt=timezone.now() - _LEFT).delete()
    if not is_waiting(copies_make.module_path):
        copies_make.enqueue()


@receiver(task_finished)
def on_finished(sender: Any, task_result: Any, **_more: Any) -> None:
    """Forget the task: what failed in it is in the log."""
    # The worker signs with the backend itself after a success, and with its class after a failure.
    backend = sender if isinstance(sender, type) else type(sender)
    if issubclass(backend, DatabaseBackend) and task_result.task.module_path == copies_make.module_path:
        DBTaskResult.objects.filter(pk=task_result.id).delete()
