"""What is done with the files of a submission: taking them in, at once or in pieces, and taking them out."""

import hashlib
import io
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from coalition.intake.erasing import on_replay, part_record
from coalition.intake.evidence.arriving import Arrived, said_full, said_large, said_no_room
from coalition.intake.evidence.chunks import CHUNK, key_make
from coalition.intake.evidence.kinds import EXTENSIONS, Kind, RefusedError, file_check, kind_of, said_unknown
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.vault import file_blur, file_open, files_remove, has_room, piece_put
from coalition.intake.models import Deletion, Submission
from coalition.intake.states import READABLE, NotAllowedError, State
from coalition.intake.submissions import later_settle

# What is sent at once where a file comes in pieces: whole chunks.
PIECE = 4 * CHUNK
_LONGEST_NAME = 200


class OutOfStepError(Exception):
    """A piece does not go on from what has arrived; ``offset`` is where the next one begins."""

    def __init__(self, offset: int) -> None:
        super().__init__("The piece does not go on from what has arrived.")
        self.offset = offset


@transaction.atomic
def evidence_add(*, submission: Submission, arrived: Arrived) -> Evidence:
    """Take a file in that came with a form.

    If it is refused, or anything fails, whoever received it leaves nothing behind (``EncryptingUploadHandler.finish``).

    Raises:
        RefusedError: it is of no kind that is taken, broken, or too much.
        NotAllowedError: nobody would read it.
    """
    if arrived.refused:
        raise RefusedError(arrived.refused)
    locked = _locked(submission)
    _room_check(locked, arrived.size or 0)
    with io.BufferedReader(file_open(file=arrived.stored, key=arrived.key)) as opened:
        kind = file_check(opened)
    evidence = Evidence(submission=locked, file=arrived.stored, state=Evidence.State.WHOLE, day=_today())
    evidence.seal("key", arrived.key.hex())
    about = {"name": _named(arrived.name), "declared": (arrived.declared or "")[:100], "size": arrived.size}
    evidence.seal("about", {**about, "kind": kind.value, "sha256": arrived.sha256})
    evidence.save()
    _settled(locked, evidence)
    return evidence


@transaction.atomic
def evidence_begin(*, submission: Submission, name: str, declared: str, size: int, mark: str) -> tuple[Evidence, int]:
    """Begin a file that comes in pieces, or go on with one that broke off; return it and where its next piece begins.

    Args:
        submission: whose file it is.
        name: what it is called.
        declared: what the browser says that it is.
        size: in bytes.
        mark: equal for the same file of the same device.

    Raises:
        RefusedError: it is too much.
        NotAllowedError: nobody would read it.
    """
    locked = _locked(submission)
    for each in locked.evidence.filter(state=Evidence.State.ARRIVING):
        about = each.open("about")
        if (about["name"], about["size"], about["mark"]) == (_named(name), size, mark[:_LONGEST_NAME]):
            return each, min(each.chunks * CHUNK, size)
    if size > settings.INTAKE_FILE_BYTES:
        raise RefusedError(said_large())
    if size < 1:
        raise RefusedError(said_unknown())
    _room_check(locked, size)
    evidence = Evidence(submission=locked, day=_today())
    evidence.seal("key", key_make().hex())
    about = {"name": _named(name), "declared": declared[:100], "mark": mark[:_LONGEST_NAME], "size": size}
    evidence.seal("about", about)
    evidence.save()
    return evidence, 0


def evidence_append(*, submission: Submission, pk: UUID, offset: int, data: bytes) -> Evidence:
    """Take a piece in; with the last one the file is looked at as a whole.

    Raises:
        RefusedError: it is of no kind that is taken, or broken; nothing of it is left then.
        OutOfStepError: see there.
        NotAllowedError: nobody would read it.
        Evidence.DoesNotExist: the submission has no such file.
    """
    try:
        return _append(submission, pk, offset, data)
    except RefusedError:
        evidence_remove(submission=submission, pk=pk)
        raise


@transaction.atomic
def _append(submission: Submission, pk: UUID, offset: int, data: bytes) -> Evidence:
    locked = _locked(submission)
    evidence: Evidence = locked.evidence.select_for_update().get(pk=pk)
    about = evidence.open("about")
    size: int = about["size"]
    if evidence.state == Evidence.State.WHOLE:
        raise OutOfStepError(size)
    reached = evidence.chunks * CHUNK
    is_last = offset + len(data) == size
    if offset != reached or not data or len(data) > PIECE or (len(data) != PIECE and not is_last):
        raise OutOfStepError(reached)
    if offset == 0 and kind_of(data) is None:
        raise RefusedError(said_unknown())
    key = bytes.fromhex(evidence.open("key"))
    evidence.chunks += piece_put(data, file=evidence.file, key=key, number=evidence.chunks, is_last=is_last)
    if is_last:
        with io.BufferedReader(file_open(file=evidence.file, key=key)) as opened:
            kind = file_check(opened)
            digest = hashlib.sha256()
            opened.seek(0)
            while piece := opened.read(CHUNK):
                digest.update(piece)
        evidence.state = Evidence.State.WHOLE
        about = {name: about[name] for name in ("name", "declared", "size")}
        evidence.seal("about", {**about, "kind": kind.value, "sha256": digest.hexdigest()})
        _settled(locked, evidence)
    evidence.save()
    return evidence


def evidence_offset(evidence: Evidence) -> int:
    """Return where the next piece begins; the size, if it is all there."""
    size: int = evidence.open("about")["size"]
    return size if evidence.state == Evidence.State.WHOLE else min(evidence.chunks * CHUNK, size)


@transaction.atomic
def evidence_remove(*, submission: Submission, pk: UUID) -> None:
    """Delete a file and its copy for good; what is gone stays gone, and does not come back with a backup.

    Raises:
        OSError: the ledger cannot be written, or the file not be deleted.
    """
    found = submission.evidence.select_for_update().filter(pk=pk).first()
    if found is not None:
        part_record(what=Deletion.What.FILE, gone_id=pk)
        _remove(found)


@on_replay(Deletion.What.FILE)
@transaction.atomic
def evidence_remove_again(pk: UUID) -> bool:
    """Delete a file that came back with a backup; return whether it had.

    Raises:
        OSError: it cannot be deleted.
    """
    found = Evidence.objects.select_for_update().filter(pk=pk).first()
    if found is not None:
        _remove(found)
    return found is not None


def _remove(evidence: Evidence) -> None:
    files_remove(files_of([evidence]))
    evidence.delete()


def files_of(rows: list[Evidence]) -> list[UUID]:
    """Return the names of the files of rows, copies included."""
    return [file for row in rows for file in (row.file, row.copy_file) if file is not None]


def described(submission: Submission) -> list[dict[str, Any]]:
    """Return what a teller is shown of their own files."""
    rows = submission.evidence.filter(state=Evidence.State.WHOLE)
    return [{"pk": row.pk, "day": row.day, "about": row.open("about"), "row": row} for row in rows]


def neutral_name(number: int, kind: str) -> str:
    """Return a name that says nothing."""
    return f"{number}.{EXTENSIONS[Kind(kind)]}"


def _today() -> date:
    return timezone.localdate()


def _named(name: str | None) -> str:
    return (name or "")[-_LONGEST_NAME:] or _("file")


def _locked(submission: Submission) -> Submission:
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if locked.state != State.DRAFT and locked.state not in READABLE:
        raise NotAllowedError("Nobody reads it.")
    return locked


def _room_check(submission: Submission, size: int) -> None:
    rows = list(submission.evidence.all())
    taken = sum(row.open("about")["size"] for row in rows)
    if len(rows) >= settings.INTAKE_FILES_MOST or taken + size > settings.INTAKE_FILES_BYTES:
        raise RefusedError(said_full())
    if not has_room(size):
        raise RefusedError(said_no_room())


def _settled(submission: Submission, evidence: Evidence) -> None:
    """Once it is whole, its time on the disk says the day; and what comes after the original is gone has its time."""
    transaction.on_commit(lambda: file_blur(evidence.file, evidence.day))
    later_settle(submission)
