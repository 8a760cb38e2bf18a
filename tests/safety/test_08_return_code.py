"""Promise 8: the return code cannot be guessed and is not stored."""

import hashlib
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coalition.intake.codes import WORDS, Code, code_derive, code_read, is_plain
from coalition.intake.drafts import Ticket, draft_code_make, draft_save
from coalition.intake.models import Submission
from coalition.intake.submissions import submission_find
from tests.coalition.intake.teller import Teller, told
from tests.safety.surfaces import tables_with


@pytest.fixture
def stretched(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every call of scrypt, which goes on as it is."""
    calls: list[bytes] = []
    real = hashlib.scrypt

    def counted(password: bytes, **more: Any) -> bytes:
        calls.append(password)
        return real(password, **more)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return calls


@pytest.mark.django_db
def test_one_comparison_an_attempt_whether_anything_is_found_or_not(stretched: list[bytes]) -> None:
    submission, words = told()
    other = code_derive(b"x" * 32, language="en", turn=0)
    right = code_read(" ".join(words))
    assert right is not None
    half = Code("en", right.places[:2] + other.places[2:])
    for code, found in ((right, submission), (half, None), (other, None), (None, None)):
        stretched.clear()
        assert submission_find(code) == found
        assert len(stretched) == 1


@pytest.mark.django_db
def test_two_words_locate_and_seven_are_checked() -> None:
    submission, words = told()
    for place in range(WORDS):
        wrong = words.copy()
        wrong[place] = "zoo" if words[place] != "zoo" else "zone"
        assert Teller().returns(wrong).status_code == 422
    assert Teller().returns(words).status_code == 302
    row = Submission.objects.values().get(pk=submission.pk)
    assert len(bytes(row["locator"])) == len(bytes(row["verifier"])) == 32
    assert tables_with(*[f"{one} {two}" for one, two in pairwise(words)]) == []


@pytest.mark.django_db
def test_without_the_pepper_nothing_is_found_or_right(settings: Any) -> None:
    submission, words = told()
    code = code_read(" ".join(words))
    assert code is not None
    settings.INTAKE_PEPPER = "another"
    assert submission_find(code) is None
    assert not code.matches(verifier=bytes(submission.verifier or b""), salt=bytes(submission.salt or b""))


@pytest.mark.django_db
def test_no_two_rows_have_one_place_and_the_one_code_is_shown_again() -> None:
    first, second = Ticket(), Ticket()
    draft_save(ticket=first, language="en", answers={"text": "One."})
    taken = code_derive(second.secret, language="en", turn=0)
    Submission.objects.update(locator=taken.locator(), verifier=bytes(32), salt=bytes(16))
    draft_save(ticket=second, language="en", answers={"text": "Two."})
    code = draft_code_make(ticket=second)
    assert code.locator() != taken.locator()
    assert draft_code_make(ticket=second) == code
    # Words stay of the language they were first shown in.
    draft_save(ticket=second, language="es", answers={"text": "Dos."})
    assert draft_code_make(ticket=second) == code


@pytest.mark.django_db
def test_guessing_is_limited_by_network_and_for_all() -> None:
    _submission, words = told()
    statuses = [
        Teller(REMOTE_ADDR="203.0.113.7").post("/return/", {"code": "zoo " * 9}).status_code for _attempt in range(31)
    ]
    assert statuses == [422] * 30 + [429]
    assert Teller(REMOTE_ADDR="203.0.113.200").returns(words).status_code == 429
    assert Teller(REMOTE_ADDR="198.51.100.1").returns(words).status_code == 302
    # An onion service comes from this machine: only the ceiling for all counts, and it is not locked out by one.
    assert [Teller().post("/return/", {"code": "zoo " * 9}).status_code for _attempt in range(31)] == [422] * 31


@pytest.mark.promise("code-not-kept")
@pytest.mark.django_db
def test_the_code_stands_on_the_receipt_and_in_no_address_cookie_or_other_page() -> None:
    teller = Teller()
    words = teller.tells()
    teller = Teller()
    answer = teller.returns(words)
    assert answer.headers["Location"] == "/return/home/"
    assert not any(word in str(answer.cookies) for word in words if len(word) > 5)
    page = teller.get("/return/home/").content.decode()
    assert " ".join(words) not in page
    assert 'translate="no"' not in page


SECRETS = st.binary(min_size=32, max_size=32)


@given(SECRETS, st.sampled_from(["en", "es"]), st.integers(0, 3))
def test_a_code_is_read_however_it_is_typed(secret: bytes, language: str, turn: int) -> None:
    code = code_derive(secret, language=language, turn=turn)
    if not is_plain(code):
        return
    words = code.words
    assert code_read(" ".join(words)) == code
    assert code_read(", ".join(word.upper() for word in words)) == code
    assert code_read("\n".join(f"{number}. {word}" for number, word in enumerate(words, 1))) == code
    assert code_read("  ".join(word[:4] for word in words)) == code
    assert code_read("".join(f" {number}){word}" for number, word in enumerate(words, 1))) == code
    assert Code.decode(code.encode()) == code
    assert Ticket.decode(Ticket(secret, code).encode()) == Ticket(secret, code)
    assert code_read(" ".join(words[:8])) is None
    assert code_read(" ".join([*words, words[0]])) is None


@given(st.text(max_size=400))
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    code = code_read(text)
    assert code is None or len(code.places) == WORDS
    assert Code.decode(text) is None
    Ticket.decode(text)


@given(SECRETS)
def test_one_secret_gives_one_code_and_nothing_tells_it(secret: bytes) -> None:
    code = code_derive(secret, language="en", turn=0)
    assert code == code_derive(secret, language="en", turn=0)
    assert code != code_derive(secret, language="en", turn=1)
    assert repr(code) == "<Code>"
    assert repr(Ticket(secret)) == "Ticket()"
    assert max(code.places) < 2048
    assert len(code.words) == 9
