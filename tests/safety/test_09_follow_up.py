"""Promise 9: follow-up needs no e-mail."""

import pytest

from coalition.intake.messages import message_write, messages_mark_seen
from coalition.intake.models import Submission
from coalition.mail.models import OutgoingMail
from tests.coalition.intake.teller import Teller

pytestmark = pytest.mark.django_db


@pytest.mark.promise("answers-by-code")
def test_submit_leave_come_back_read_and_answer() -> None:
    first = Teller()
    words = first.tells(name="", reach="")
    assert first.get("/leave/").status_code == 303
    submission = Submission.objects.get()
    message_write(submission=submission, text="Which shift was it?", from_teller=False)
    later = Teller()
    assert later.returns(words).headers["Location"] == "/return/home/"
    assert "Which shift was it?" in later.get("/return/home/").content.decode()
    assert submission.messages.get().is_seen
    later.post("/return/message/", {"text": "The night shift."}, form="/return/home/")
    # The same form twice is one message.
    later.post("/return/message/", {"text": "The night shift."}, form="/return/home/")
    answer = submission.messages.get(from_teller=True)
    assert (answer.open("text"), answer.is_seen, answer.number) == ("The night shift.", False, 2)
    assert list(Submission.objects.all().waiting()) == [submission]
    assert messages_mark_seen(submission=submission, by_teller=False) == 1
    assert OutgoingMail.objects.count() == 0


def test_a_visit_ends_by_closing_and_by_idling() -> None:
    words = Teller().tells()
    teller = Teller()
    teller.returns(words)
    held = teller.client.cookies["__Host-visit"].value
    closed = teller.post("/return/close/", form="/return/home/")
    assert closed.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    teller.client.cookies["__Host-visit"] = held
    assert teller.get("/return/home/").headers["Location"] == "/return/"
