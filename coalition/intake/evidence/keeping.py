"""Files go with what they belong to, and nothing stays that belongs to nothing."""

from datetime import timedelta

from django.utils import timezone

from coalition.intake.erasing import before_erasure
from coalition.intake.evidence.filing import files_of
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.vault import files_remove, orphans_remove
from coalition.intake.models import Deletion, Submission


@before_erasure
def files_erase(submission: Submission, what: Deletion.What) -> None:
    """Delete the files of a submission, whether all of it goes or its original: files are a part of that.

    Raises:
        OSError: they cannot be deleted now. The rows stay, and it is tried again.
    """
    rows = list(submission.evidence.all())
    if rows:
        files_remove(files_of(rows))
        Evidence.objects.filter(pk__in=[row.pk for row in rows]).delete()


def files_sweep() -> int:
    """Delete what never became whole, and files that no row names; return how much that was. For the beat."""
    before = timezone.localdate() - timedelta(days=1)
    stale = list(Evidence.objects.filter(state=Evidence.State.ARRIVING, day__lt=before))
    files_remove(files_of(stale))
    Evidence.objects.filter(pk__in=[row.pk for row in stale]).delete()
    known = set(files_of(list(Evidence.objects.only("file", "copy_file"))))
    return len(stale) + orphans_remove(known)
