"""Promise 14, for what was told in confidence: another's answers as an absent one does, byte for byte.

The whole of it, every address as everybody, is the matrix (``tests/coalition/matrix``). Here the confidential things
stand by name: a submission, an answer to it, a file, and a piece of a file.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from coalition.accounts.roles import EDITORS
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import copy_make
from coalition.intake.messages import message_write
from coalition.intake.models import Submission
from coalition.intake.reading.assigning import submission_take
from coalition.intake.states import State
from tests import factories, samples
from tests.coalition.intake.evidence.conftest import send, told_with, upload
from tests.coalition.intake.publishing.stories import client_of, moderator
from tests.coalition.intake.teller import Teller
from tests.coalition.matrix.world import ABSENT

pytestmark = pytest.mark.django_db
KEPT = ("moderation_step", "moderation_write", "moderation_hand", "moderation_text", "moderation_who")
OF_A_MODERATOR = ("moderation_submission", "moderation_take", "moderation_exempt", *KEPT)
OFFSET = {"Upload-Offset": "0"}


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"


@pytest.fixture
def theirs() -> Evidence:
    """A file of another's that somebody has in hand, with its copy, and an answer that waits."""
    submission, _words, _back = told_with(upload(samples.jpeg()))
    submission_take(submission=submission, moderator=moderator("mine"))
    message_write(submission=submission, text="Which shift?", from_teller=False)
    evidence = submission.evidence.get()
    copy_make(evidence.pk)
    return evidence


def answers(client: Client, name: str, pk: Any) -> list[tuple[int, dict[str, str], bytes]]:
    """Return what GET and POST answer, without what no two requests share: token, nonce, moment, the address itself."""
    found = []
    for method in ("get", "post"):
        answer = getattr(client, method)(reverse(name, args=[pk]), secure=True, headers=OFFSET)
        headers = {name: re.sub(r"nonce-[^']*", "", value) for name, value in answer.headers.items()}
        headers.pop("Expires", "")
        body = re.sub(rb'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"', b"", answer.content)
        found.append((answer.status_code, headers, body.replace(str(pk).encode(), b"")))
    return found


def same(client: Client, name: str, pk: Any, status: int = 404) -> bool:
    """Whether an address answers for a thing as for an absent one, with this status where it has the method."""
    one, none = (answers(client, name, each) for each in (pk, ABSENT))
    assert {code for code, _headers, _body in one} <= {status, 405}, (name, one[0][0], one[1][0])
    return one == none


def teller_inside() -> Client:
    """Somebody else, who came back with a code of their own."""
    other = Teller()
    other.returns(other.tells())
    other.client.handler.enforce_csrf_checks = False
    return other.client


@pytest.mark.parametrize("name", ["return_file", "return_piece", "tell_piece"])
def test_a_file_and_its_pieces_through_ones_own_code(theirs: Evidence, name: str) -> None:
    inside = teller_inside()
    assert same(inside, name, theirs.pk)


def test_a_draft_does_not_open_what_another_has_sent_or_begun(theirs: Evidence) -> None:
    drafting = Teller()
    drafting.post("/tell/what/", {"text": "One."})
    begun = Teller()
    send(begun, upload(samples.png(), "b.png"))
    drafting.client.handler.enforce_csrf_checks = False
    for pk in (theirs.pk, Evidence.objects.exclude(pk=theirs.pk).get().pk):
        assert same(drafting.client, "tell_piece", pk)


def test_taking_out_anothers_file_does_what_taking_out_none_does(theirs: Evidence) -> None:
    inside = teller_inside()
    address = reverse("return_files")
    one, none = (inside.post(address, {"do": "remove", "file": str(pk)}, secure=True) for pk in (theirs.pk, ABSENT))
    assert (one.status_code, one.headers["Location"]) == (none.status_code, none.headers["Location"])
    assert Evidence.objects.filter(pk=theirs.pk).exists()


def test_ones_own_code_shows_ones_own_answers_alone(theirs: Evidence) -> None:
    inside = teller_inside()
    for path in ("/return/home/", "/return/words/", "/return/files/"):
        page = inside.get(path, secure=True)
        assert page.status_code == 200
        assert "Which shift?" not in page.content.decode()


@pytest.mark.parametrize("who", ["member", "editor", "administrator", "another moderator"])
def test_a_submission_and_its_file_for_whoever_has_it_not_in_hand(theirs: Evidence, who: str) -> None:
    user = {
        "member": lambda: factories.user(second_lock=True),
        "editor": lambda: factories.user(groups=(EDITORS,)),
        "administrator": lambda: factories.user(superuser=True),
        "another moderator": lambda: moderator("other"),
    }[who]()
    client = client_of(user)
    # A moderator sees that it is there and who has it; an administrator may let somebody read it.
    known = {"another moderator": OF_A_MODERATOR[:2], "administrator": ("moderation_exempt",)}.get(who, ())
    status = {"moderation_exempt": 403}
    for name in set(OF_A_MODERATOR) - set(known):
        assert same(client, name, theirs.submission_id, status.get(name, 404)), name
    assert same(client, "moderation_file", theirs.pk)


@pytest.mark.parametrize("state", [State.DRAFT, State.WITHDRAWN])
def test_what_was_not_sent_or_was_taken_back_is_absent_for_moderators_too(theirs: Evidence, state: State) -> None:
    Submission.objects.filter(pk=theirs.submission_id).update(state=state)
    client = client_of(theirs.submission.charge.moderator)
    for name in set(OF_A_MODERATOR) - {"moderation_exempt"}:
        assert same(client, name, theirs.submission_id), name
    assert same(client, "moderation_file", theirs.pk)


def test_the_comparison_sees_a_difference(theirs: Evidence) -> None:
    """The control: to whoever has it in hand the same addresses answer otherwise."""
    client = client_of(theirs.submission.charge.moderator)
    for name in ("moderation_submission", "moderation_text", "moderation_who"):
        assert answers(client, name, theirs.submission_id) != answers(client, name, ABSENT)
