"""Taking the force from a yes, for good: a backup that still has it does not give it back."""

from coalition.intake.erasing import part_record
from coalition.intake.models import Deletion, Submission
from coalition.intake.publishing.models import Consent


def consent_void(submission: Submission) -> None:
    """Delete the yes of a submission, if there is one. Call it in a transaction.

    Raises:
        OSError: the ledger cannot be written. Then the yes stays.
    """
    for consent in Consent.objects.filter(submission=submission):
        part_record(what=Deletion.What.CONSENT, gone_id=consent.pk)
        consent.delete()
