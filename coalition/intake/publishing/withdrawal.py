"""What goes with a submission: its page at once, and with the original the texts that nobody agreed to."""

from wagtail.models import PageLogEntry

from coalition.intake.erasing import before_erasure
from coalition.intake.models import Deletion, Submission
from coalition.intake.publishing.models import Consent, Passed
from coalition.intake.publishing.proposing import waiting_of
from coalition.intake.publishing.revisions import revisions_purge
from coalition.intake.publishing.tie import page_of
from coalition.intake.withdrawing import on_withdrawal
from search.documents import document_lexemes, words_forget


@on_withdrawal
def page_delete(submission: Submission) -> None:
    """Delete the page that came from a submission, with everything that the site says of it."""
    page = page_of(submission)
    if page is None:
        return
    revisions_purge(page)
    Passed.objects.filter(public_id=page.public_id).delete()
    lexemes = document_lexemes(page.public_id)
    # Read anew: the place in the tree may be another one by now.
    type(page).objects.get(pk=page.pk).delete()
    words_forget(lexemes)
    # Deleting is written down too, with the headline.
    PageLogEntry.objects.filter(page=page.pk).delete()


@before_erasure
def texts_delete(submission: Submission, what: Deletion.What) -> None:
    """Delete the page, or what was drafted from the original.

    The text that was agreed to stays; where none is, the one that the teller was sent last, which waits for their
    answer or is what a moderator goes on from.
    """
    if what == Deletion.What.WHOLE:
        page_delete(submission)
        return
    drafted = submission.proposals.filter(consent=None)
    last = waiting_of(submission)
    if last is not None and not Consent.objects.filter(submission=submission).exists():
        drafted = drafted.exclude(pk=last.pk)
    drafted.delete()
