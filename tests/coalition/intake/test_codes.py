"""Codes and keyed hashes by known answers: what was given out or stored once has to lead back for good.

A change here that nothing else notices would lock out everybody who holds a code.
"""

import base64
from typing import Any

import pytest

from coalition.intake.codes import Code, code_derive, code_read, dummy_compare, is_plain, salt_make
from coalition.intake.drafts import Ticket
from coalition.intake.keys import keyed

SECRET = bytes(range(32))
ENGLISH = "awesome vital cause north gym morning hospital slow upon"
SPANISH = "cocina langosta jinete lengua verbo atraer archivo merengue vinagre"


@pytest.fixture(autouse=True)
def pepper(settings: Any) -> None:
    settings.INTAKE_PEPPER = "test only"


@pytest.mark.parametrize(
    ("language", "turn", "kept", "words"),
    [
        ("en", 0, "en", ENGLISH),
        ("es", 0, "es", SPANISH),
        # A language without a list gets English words.
        ("fr", 0, "en", ENGLISH),
        ("en", 1, "en", "summer bulk track walk pitch afford inhale scale human"),
    ],
)
def test_a_secret_gives_these_words_for_good(language: str, turn: int, kept: str, words: str) -> None:
    code = code_derive(SECRET, language=language, turn=turn)
    assert (code.language, " ".join(code.words)) == (kept, words)
    assert code_read(words) == code


def test_what_is_stored_of_a_code_is_this_for_good() -> None:
    code = code_derive(SECRET, language="en", turn=0)
    assert code.locator().hex() == "f7b1011563075fb76835abb082366bcd684532560b34a12ffb4cee40cfcb4186"
    verifier = bytes.fromhex("ee47c1b80bf7c10ff8d687d797bef9be907d2cc34b0961a6b17f9b7e00cd0af7")
    assert code.verifier(bytes(16)) == verifier
    assert code.matches(verifier=verifier, salt=bytes(16))
    assert not code.matches(verifier=verifier, salt=bytes(15) + b"\1")
    assert not code.matches(verifier=verifier[:-1] + b"\0", salt=bytes(16))
    assert keyed("draft", b"a", b"b").hex() == "968fb68dbd1e7b2c030a8fd9dc0942bbbe7370acc629c55a4ab1d148d7e0e907"


def test_two_words_locate_and_the_seven_others_do_not() -> None:
    code = code_derive(SECRET, language="en", turn=0)
    for place in range(9):
        places = tuple(each ^ 1 if at == place else each for at, each in enumerate(code.places))
        other = Code("en", places)
        assert (other.locator() == code.locator()) == (place >= 2)
        assert (other.verifier(bytes(16)) == code.verifier(bytes(16))) == (place < 2)
    # The same places of another list are other words.
    assert Code("es", code.places).locator() != code.locator()
    assert Code("es", code.places).verifier(bytes(16)) != code.verifier(bytes(16))


def test_parts_of_a_keyed_hash_cannot_run_into_each_other() -> None:
    made = [keyed("a", b"bc", b"d"), keyed("a", b"b", b"cd"), keyed("a", b"bcd"), keyed("ab", b"c", b"d"), keyed("a")]
    assert len(set(made)) == 5
    assert {len(each) for each in made} == {32}


def test_a_code_in_a_cookie_is_this_for_good() -> None:
    code = code_derive(SECRET, language="en", turn=0)
    text = "en.84.7a8.124.4b2.340.47f.36f.661.777"
    assert code.encode() == text
    assert Code.decode(text) == code
    first = base64.urlsafe_b64encode(SECRET).decode().rstrip("=")
    assert Ticket(SECRET).encode() == first
    assert Ticket(SECRET, code).encode() == f"{first}~{text}"
    assert Ticket.decode(f"{first}~{text}") == Ticket(SECRET, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "en",
        "en" + ".0" * 8,
        "en" + ".0" * 10,
        "fr" + ".0" * 9,
        "EN" + ".0" * 9,
        "en" + ".0" * 8 + ".800",
        "en" + ".0" * 8 + ".0000",
        "en" + ".0" * 8 + ".A",
        " en" + ".0" * 9,
        "en" + ".0" * 9 + "\n",
    ],
)
def test_what_is_no_code_in_a_cookie_is_none(text: str) -> None:
    assert Code.decode(text) is None
    first = base64.urlsafe_b64encode(SECRET).decode().rstrip("=")
    assert Ticket.decode(f"{first}~{text}") == (None if text else Ticket(SECRET))


def test_the_last_word_of_a_list_can_stand_in_a_cookie() -> None:
    assert Code.decode("en" + ".7ff" * 9) == Code("en", (2047,) * 9)
    assert Code("en", (2047,) * 9).words == ("zoo",) * 9


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_secret_of_another_length_is_no_ticket(length: int) -> None:
    assert Ticket.decode(base64.urlsafe_b64encode(bytes(length)).decode().rstrip("=")) is None


@pytest.mark.parametrize("text", [None, "", "~", "é" * 43, "!" * 43, "A" * 41])
def test_what_is_no_ticket_is_none(text: str | None) -> None:
    assert Ticket.decode(text) is None


def test_a_ticket_uses_the_alphabet_for_cookies() -> None:
    ticket = Ticket(b"\xfb\xff" * 16)
    assert set("+/=") & set(ticket.encode()) == set()
    assert set("-_") <= set(ticket.encode())
    assert Ticket.decode(ticket.encode()) == ticket


def test_what_two_languages_read_is_not_given_out() -> None:
    # “actor” and “animal” stand in both lists, at other places.
    both = code_read("actor animal " * 4 + "actor")
    assert both is not None
    assert both.language == "en"
    assert not is_plain(both)
    assert is_plain(code_derive(SECRET, language="en", turn=0))
    assert is_plain(code_derive(SECRET, language="es", turn=0))
    spanish = Code("es", (*code_derive(SECRET, language="es", turn=0).places[:8], 0))
    assert code_read(" ".join(spanish.words)) == spanish


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    words = ENGLISH.split()
    filling = " " * (2000 - len(ENGLISH))
    assert code_read(f"{words[0]}{filling}{' '.join(['', *words[1:]])}"[:2000]) == code_read(ENGLISH)
    assert code_read(" " * 2000 + ENGLISH) is None
    assert code_read(ENGLISH + " " * 2000 + "zoo") == code_read(ENGLISH)


def test_a_word_that_is_in_no_list_makes_no_code() -> None:
    words = ENGLISH.split()
    assert code_read(" ".join([*words[:8], "qqqq"])) is None
    # Two languages in one code are none.
    assert code_read(" ".join([*words[:8], "vinagre"])) is None
    # Three letters are one too few, five one more than is looked at.
    assert code_read(" ".join([*words[:8], "upo"])) is None
    assert code_read(" ".join(["aweso", *words[1:]])) == code_read(ENGLISH)


def test_accents_and_capitals_do_not_matter() -> None:
    assert code_read("ÁWESOME VÍTAL CAUSE NORTH GYM MORNING HOSPITAL SLOW UPON") == code_read(ENGLISH)
    accented = Code("es", (0,) * 9)
    assert accented.words == ("ábaco",) * 9
    assert code_read("abaco " * 9) == accented
    assert code_read("ÁBACO " * 9) == accented


def test_salts_are_sixteen_bytes_of_chance() -> None:
    made = {salt_make() for _ in range(50)}
    assert len(made) == 50
    assert {len(each) for each in made} == {16}


def test_nothing_to_compare_with_is_never_right() -> None:
    assert dummy_compare(None) is False
    assert dummy_compare(Code("en", (0,) * 9)) is False
    assert len({Ticket().secret for _ in range(50)}) == 50
    assert len(Ticket().secret) == 32
