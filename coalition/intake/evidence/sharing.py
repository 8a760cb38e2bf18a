"""The copy that moderators see: made by a process of its own, encrypted like the original."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from coalition.accounts.models import User
from coalition.intake.evidence.chunks import Opened
from coalition.intake.evidence.cleaning import NotCleanableError
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.vault import Writer, file_blur, file_open, files_remove
from coalition.intake.models import Submission
from coalition.intake.states import READABLE

logger = logging.getLogger("coalition.intake")

MOST_ATTEMPTS = 3
_SECONDS = 120

Check = Callable[[User, Submission], bool]
_checks: list[Check] = []


def on_opening(check: Check) -> Check:
    """Register a condition under which somebody may open the files of a submission. Use as a decorator."""
    _checks.append(check)
    return check


def may_open(user: User, submission: Submission) -> bool:
    """Whether nothing stands against somebody opening the files; that they are a moderator is asked elsewhere."""
    return submission.state in READABLE and all(check(user, submission) for check in _checks)


def copies_waiting() -> list[UUID]:
    """Return which files of sent submissions have no copy yet."""
    rows = Evidence.objects.filter(state=Evidence.State.WHOLE, copying=Evidence.Copying.WAITING)
    return list(rows.filter(submission__state__in=READABLE).values_list("pk", flat=True))


def copy_make(pk: UUID) -> Evidence.Copying:
    """Make a file's copy for moderators, or settle that there can be none.

    Raises:
        Evidence.DoesNotExist: the file is gone.
        SealBrokenError: it is broken.
        OSError: it cannot be read, or the copy not be written. Up to three times it is begun again.
    """
    # Counted before it is begun: what ends this process is not begun for ever.
    with transaction.atomic():
        evidence = Evidence.objects.select_for_update().get(pk=pk)
        if evidence.copying != Evidence.Copying.WAITING:
            return Evidence.Copying(evidence.copying)
        evidence.attempts += 1
        if evidence.attempts > MOST_ATTEMPTS:
            evidence.copying = Evidence.Copying.NONE
        evidence.save(update_fields=["attempts", "copying"])
    if evidence.copying == Evidence.Copying.NONE:
        return Evidence.Copying.NONE
    try:
        with file_open(file=evidence.file, key=bytes.fromhex(evidence.open("key"))) as opened:
            data, kind = cleaned(opened.read(), kind=evidence.open("about")["kind"])
    except NotCleanableError:
        Evidence.objects.filter(pk=pk).update(copying=Evidence.Copying.NONE)
        return Evidence.Copying.NONE
    return _copy_store(pk, data, kind)


def _copy_store(pk: UUID, data: bytes, kind: str) -> Evidence.Copying:
    writer = Writer()
    try:
        writer.write(data)
        writer.end()
        with transaction.atomic():
            # It may have been taken back meanwhile.
            evidence = Evidence.objects.select_for_update().get(pk=pk)
            replaced, evidence.copy_file = evidence.copy_file, writer.file
            evidence.seal("copy", {"key": writer.key.hex(), "kind": kind, "size": len(data)})
            evidence.copying = Evidence.Copying.MADE
            evidence.save(update_fields=["copy", "copy_file", "copying"])
    except BaseException:
        writer.discard()
        raise
    file_blur(writer.file, evidence.day)
    if replaced:
        files_remove([replaced])
    return Evidence.Copying.MADE


def cleaned(data: bytes, *, kind: str) -> tuple[bytes, str]:
    """Return a clean copy of a file, made by a process that knows nothing and may write nothing; and its kind.

    Raises:
        NotCleanableError: it cannot be made.
    """
    repository = Path(settings.REPOSITORY)
    module = "coalition.intake.evidence.cleaning.child"
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", module, kind],
            input=data,
            stdout=subprocess.PIPE,
            # What a library says about a file may hold something of it.
            stderr=subprocess.DEVNULL,
            cwd=repository,
            env={"PYTHONPATH": str(repository), "PATH": "/usr/bin:/bin"},
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotCleanableError from error
    extension, newline, copy = done.stdout.partition(b"\n")
    if done.returncode or not newline or not copy:
        raise NotCleanableError
    return copy, extension.decode("ascii")


def copy_opened(evidence: Evidence) -> Opened:
    """Return the copy, decrypted where it is read.

    Raises:
        Evidence.DoesNotExist: there is none.
        SealBrokenError: it was changed.
        OSError: it is not there.
    """
    copy = evidence.open("copy")
    if evidence.copying != Evidence.Copying.MADE or evidence.copy_file is None or copy is None:
        raise Evidence.DoesNotExist
    return file_open(file=evidence.copy_file, key=bytes.fromhex(copy["key"]))


def open_copy(evidence: Evidence) -> Iterator[bytes]:
    """Yield the copy for moderators, a chunk at a time.

    Raises:
        Evidence.DoesNotExist: there is none.
        SealBrokenError: it was changed.
    """
    return copy_opened(evidence).pieces()
