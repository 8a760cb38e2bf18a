"""What goes of texts and page, when the original's time is over and when everything goes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from cms.stories.models import StoryPage
from coalition.intake.erasing import submission_erase
from coalition.intake.models import Deletion, Submission
from coalition.intake.publishing.models import Consent, Passed, Proposal, Tie
from coalition.intake.publishing.proposing import proposal_save
from tests.coalition.intake.publishing.stories import agreed, proposed, published, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_stories")]


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_LEDGER = tmp_path / "ledger"


def _is_over(submission: Submission) -> Submission:
    Submission.objects.filter(pk=submission.pk).update(original_until=timezone.localdate() - timedelta(1))
    return Submission.objects.get(pk=submission.pk)


def test_with_the_original_go_the_texts_that_nobody_agreed_to_and_the_page_stays() -> None:
    page, submission, _words = published()
    consent = Consent.objects.get()
    proposal_save(submission=submission, content=text(headline="Something else"))
    assert Proposal.objects.count() == 2
    submission_erase(submission=_is_over(submission), what=Deletion.What.ORIGINAL)
    assert Proposal.objects.get() == consent.proposal
    stored = StoryPage.objects.get()
    assert (stored.pk, stored.live) == (page.pk, True)
    assert (Consent.objects.count(), Tie.objects.count(), Passed.objects.count()) == (1, 1, 1)
    left = Submission.objects.get()
    assert (left.state, left.answers, left.contact, left.original_until) == ("published", None, None, None)


def test_an_original_whose_time_is_not_over_stays() -> None:
    consent, _words = agreed()
    Submission.objects.update(original_until=timezone.localdate() + timedelta(1))
    submission_erase(submission=Submission.objects.get(), what=Deletion.What.ORIGINAL)
    assert Submission.objects.get().answers is not None
    assert Proposal.objects.get() == consent.proposal


def test_with_all_of_it_the_page_goes() -> None:
    page, submission, _words = published()
    submission_erase(submission=submission, what=Deletion.What.WHOLE)
    assert StoryPage.objects.filter(pk=page.pk).count() == 0
    counts = [model.objects.count() for model in (Submission, Proposal, Consent, Tie, Passed)]
    assert counts == [0, 0, 0, 0, 0]
    # Once more is nothing more.
    submission_erase(submission=submission, what=Deletion.What.WHOLE)
    assert Deletion.objects.get().what == "whole"


def test_what_was_never_public_has_no_page_to_go() -> None:
    submission, _words, _content = proposed()
    submission_erase(submission=submission, what=Deletion.What.WHOLE)
    assert (Submission.objects.count(), Proposal.objects.count()) == (0, 0)
