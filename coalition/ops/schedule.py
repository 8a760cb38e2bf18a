"""What is due when: one list, which ``manage.py beat`` goes by."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.management import call_command
from django.utils.module_loading import import_string

_COMMAND = "command:"


@dataclass(frozen=True)
class Entry:
    """Something to do again and again.

    ``target`` is a dotted path to a function or a task, or ``command:NAME`` for a management command. A function is run
    by the beat itself and should be short; a task goes to the worker, unless one of its kind already waits there.
    ``when`` is a dotted path to a function that says whether there is anything to do.
    """

    name: str
    every: timedelta
    target: str
    when: str = ""


SCHEDULE: tuple[Entry, ...] = (
    Entry("publish what is due", timedelta(minutes=1), "coalition.organizing.scheduling.due_publish"),
    Entry("forget finished tasks", timedelta(days=1), "command:prune_db_task_results"),
    Entry("tell engines what they have not heard", timedelta(seconds=10), "search.tasks.tell"),
    Entry(
        "link what waits",
        timedelta(seconds=10),
        "search.tasks.waiting_link",
        when="search.matching.links.is_anything_unlinked",
    ),
    Entry("look whether the encoder is another one", timedelta(minutes=5), "search.tasks.waiting_link"),
    Entry("hand over mail that is due", timedelta(seconds=20), "coalition.mail.tasks.tidy"),
    Entry("forget mail that was sent long ago", timedelta(days=1), "coalition.mail.tasks.forget"),
    Entry("tell followers at once", timedelta(seconds=30), "coalition.alerts.tasks.at_once"),
    Entry("make daily and weekly digests", timedelta(minutes=3), "coalition.alerts.tasks.periodic"),
    Entry("forget follows that are over", timedelta(days=1), "coalition.alerts.tasks.forget"),
    Entry("delete what was taken back", timedelta(minutes=1), "coalition.intake.withdrawing.withdrawn_erase"),
    Entry("delete what was told and is over", timedelta(hours=1), "coalition.intake.keeping.due_erase"),
    Entry(
        "publish what its teller agreed to", timedelta(minutes=10), "coalition.intake.publishing.release.due_release"
    ),
    Entry("compare pages with the yes to them", timedelta(minutes=5), "coalition.intake.publishing.gate.pages_check"),
    Entry("make copies of files for moderators", timedelta(minutes=1), "coalition.intake.evidence.tasks.copies_see"),
    Entry("delete files that nothing names", timedelta(hours=1), "coalition.intake.evidence.keeping.files_sweep"),
    Entry("delete photos that no text names", timedelta(minutes=10), "coalition.organizing.leftovers.photos_sweep"),
    Entry("tell moderators that something waits", timedelta(minutes=10), "coalition.intake.keeping.moderators_tell"),
    Entry("forget who opened what long ago", timedelta(days=1), "coalition.intake.reading.forgetting.openings_forget"),
    Entry("forget sessions that are over", timedelta(hours=6), "command:clearsessions"),
    Entry("forget what limits counted by", timedelta(hours=1), "coalition.accounts.limits.expired_forget"),
    Entry("make a backup", timedelta(hours=1), "coalition.ops.backups.daily.backup_if_due"),
    Entry("copy what was deleted to the backups", timedelta(minutes=1), "coalition.ops.backups.daily.ledger_keep"),
    Entry("compare and mend the index", timedelta(hours=1), "search.tasks.sweep"),
)


def entry_run(entry: Entry) -> None:
    """Do what the entry says, or hand it to the worker.

    Raises:
        ImportError: the target does not exist.
        CommandError: the management command does not exist or failed.
    """
    if entry.when and not import_string(entry.when)():
        return
    if entry.target.startswith(_COMMAND):
        call_command(entry.target.removeprefix(_COMMAND), verbosity=0)
        return
    target = import_string(entry.target)
    if not hasattr(target, "enqueue"):
        target()
    elif not is_waiting(target.module_path):
        target.enqueue()


def is_waiting(task_path: str) -> bool:
    """Whether a task of this kind already waits for the worker."""
    from django_tasks_db.models import DBTaskResult

    # A worker that is down would otherwise come back to thousands of the same.
    return DBTaskResult.objects.ready().filter(task_path=task_path).exists()


@dataclass
class Clock:
    """Knows what is due. What was never done is due at once, so that a site started daily also does what is daily."""

    entries: tuple[Entry, ...] = SCHEDULE
    now: Callable[[], float] = time.monotonic
    _last: dict[str, float] = field(default_factory=dict)

    def due(self) -> list[Entry]:
        """Return what is due."""
        now = self.now()
        return [
            entry
            for entry in self.entries
            if entry.name not in self._last or now - self._last[entry.name] >= entry.every.total_seconds()
        ]

    def done(self, entry: Entry) -> None:
        """Count the entry's interval from now."""
        self._last[entry.name] = self.now()
