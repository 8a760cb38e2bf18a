"""What a teller, a moderator and the site do at the same moment. In a copy of the test database, for others to see."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from cms.stories.models import StoryPage
from coalition.intake.evidence.arriving import Arrived
from coalition.intake.evidence.filing import evidence_add
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.vault import Writer
from coalition.intake.messages import message_write
from coalition.intake.models import Deletion, Message, Submission
from coalition.intake.publishing.consent import OtherTextError, consent_give
from coalition.intake.publishing.fields import sha256
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.proposing import proposal_retract, proposal_send
from coalition.intake.publishing.release import story_release
from coalition.intake.publishing.tie import page_of
from coalition.intake.reading.assigning import submission_take
from coalition.intake.reading.models import Charge
from coalition.intake.states import NotAllowedError, State
from coalition.intake.withdrawing import submission_withdraw
from search.models import Document
from tests.coalition.intake.publishing.stories import agreed, moderator, proposed, published, text
from tests.coalition.intake.teller import told
from tests.coalition.threads import closing, waits_or_ends

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"


def meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do one thing and, before it is committed, begin another; return what becomes of that one, an error as well."""

    def outcome() -> Any:
        try:
            return second()
        except (NotAllowedError, OtherTextError, Submission.DoesNotExist) as error:
            return type(error)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            answer: Future[Any] = pool.submit(closing(outcome))
            waits_or_ends(answer)
        return answer.result()


def is_gone(submission: Submission) -> bool:
    """Whether nothing of a submission is left that anybody could see."""
    return (
        not Submission.objects.filter(pk=submission.pk).exists()
        and not StoryPage.objects.filter(title=text()["headline"]).exists()
        and not Document.objects.present().filter(title=text()["headline"]).exists()
    )


def test_what_is_taken_back_while_it_is_released_is_not_public() -> None:
    consent, _words = agreed()
    submission = consent.submission
    meanwhile(lambda: story_release(consent=consent), lambda: submission_withdraw(submission=submission))
    assert is_gone(submission)
    assert Deletion.objects.filter(gone_id=submission.pk, what=Deletion.What.WHOLE).exists()


def test_what_is_released_while_it_is_taken_back_is_not_public() -> None:
    consent, _words = agreed()
    submission = consent.submission
    released = meanwhile(lambda: submission_withdraw(submission=submission), lambda: story_release(consent=consent))
    assert released is Submission.DoesNotExist
    assert is_gone(submission)


def test_a_public_story_taken_back_while_a_new_text_is_proposed_goes() -> None:
    _page, submission, _words = published()
    meanwhile(
        lambda: proposal_send(submission=submission, content=text(standfirst="Another.")),
        lambda: submission_withdraw(submission=submission),
    )
    assert is_gone(submission)


def test_a_yes_to_a_text_that_is_replaced_meanwhile_is_none() -> None:
    submission, _words, content = proposed()
    seen = sha256(content).hex()

    def replace() -> None:
        proposal_retract(submission=submission)
        proposal_send(submission=submission, content=text(standfirst="Another."))

    assert meanwhile(replace, lambda: consent_give(submission=submission, seen=seen)) is OtherTextError
    assert not Consent.objects.filter(submission=submission).exists()
    assert Submission.objects.get(pk=submission.pk).state == State.PROPOSED


def test_a_text_that_is_said_yes_to_meanwhile_can_be_taken_back_and_its_yes_goes() -> None:
    submission, _words, content = proposed()
    seen = sha256(content).hex()
    meanwhile(lambda: consent_give(submission=submission, seen=seen), lambda: proposal_retract(submission=submission))
    assert not Consent.objects.filter(submission=submission).exists()
    assert Submission.objects.get(pk=submission.pk).state == State.READING


def test_of_two_who_say_yes_at_once_one_does() -> None:
    submission, _words, content = proposed()
    seen = sha256(content).hex()
    second = meanwhile(
        lambda: consent_give(submission=submission, seen=seen),
        lambda: consent_give(submission=submission, seen=seen),
    )
    assert second is NotAllowedError
    assert Consent.objects.filter(submission=submission).count() == 1


def test_one_release_of_two_at_once_makes_the_page() -> None:
    consent, _words = agreed()
    second = meanwhile(lambda: story_release(consent=consent), lambda: story_release(consent=consent))
    assert second is NotAllowedError
    assert StoryPage.objects.filter(title=text()["headline"]).count() == 1
    page = page_of(consent.submission)
    assert page is not None
    assert page.live


def test_of_two_moderators_who_take_one_at_once_the_first_has_it() -> None:
    submission, _words = told()
    ada, ben = moderator("ada"), moderator("ben")
    meanwhile(
        lambda: submission_take(submission=submission, moderator=ada),
        lambda: submission_take(submission=submission, moderator=ben),
    )
    assert Charge.objects.get(submission=submission).moderator == ada
    assert Submission.objects.get(pk=submission.pk).state == State.READING


def test_two_messages_at_once_both_stand_there() -> None:
    submission, _words = told()
    meanwhile(
        lambda: message_write(submission=submission, text="From the teller", from_teller=True),
        lambda: message_write(submission=submission, text="From a moderator", from_teller=False),
    )
    said = [message.open("text") for message in Message.objects.filter(submission=submission).order_by("number")]
    assert said == ["From the teller", "From a moderator"]


def test_a_message_to_what_is_taken_back_meanwhile_is_not_kept() -> None:
    submission, _words = told()
    written = meanwhile(
        lambda: submission_withdraw(submission=submission),
        lambda: message_write(submission=submission, text="Too late", from_teller=False),
    )
    assert written is Submission.DoesNotExist
    assert not Message.objects.exists()


def test_a_file_for_what_is_taken_back_meanwhile_is_not_kept(tmp_path: Path) -> None:
    submission, _words = told()
    data = b"%PDF-1.4\n%%EOF\n"
    writer = Writer()
    writer.write(data)
    writer.end()
    arrived = Arrived(name="a.pdf", declared="application/pdf", writer=writer, sha256="0", refused="")
    added = meanwhile(
        lambda: submission_withdraw(submission=submission),
        lambda: evidence_add(submission=submission, arrived=arrived),
    )
    assert added in (NotAllowedError, Submission.DoesNotExist)
    assert not Evidence.objects.exists()
