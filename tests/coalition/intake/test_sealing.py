"""Sealing by itself: what it hides, what it refuses, and what stands in the stamp."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet

from coalition.intake.keys import keyring
from coalition.intake.models import Submission
from coalition.intake.sealing import SealBrokenError, bytes_open, bytes_seal, key_index, sealed_columns

DAY = date(2026, 3, 5)
PLACE = "intake.Submission:answers:1"


def _inside(token: bytes) -> bytes:
    return keyring().all.decrypt(token)


@pytest.mark.parametrize("length", [0, 1, 983, 984, 985, 2007, 2008, 2009])
def test_a_length_is_told_in_whole_kilobytes(length: int) -> None:
    data = bytes([7]) * length
    token = bytes_seal(data, place=PLACE, day=DAY)
    # 32 bytes of place and 8 of length stand before what is sealed.
    assert len(_inside(token)) == -(-(length + 40) // 1024) * 1024
    assert set(_inside(token)[40 + length :]) <= {0}
    assert bytes_open(token, place=PLACE) == data


def test_another_filling_can_be_asked_for() -> None:
    assert len(_inside(bytes_seal(b"a", place=PLACE, day=DAY, bucket=64))) == 64
    assert len(_inside(bytes_seal(bytes(25), place=PLACE, day=DAY, bucket=64))) == 128


def test_the_stamp_says_the_day_alone() -> None:
    token = bytes_seal(b"a", place=PLACE, day=DAY)
    midnight = int(datetime(2026, 3, 5, tzinfo=UTC).timestamp())
    assert keyring().fernets[0].extract_timestamp(token) == midnight


def test_another_place_is_refused() -> None:
    token = bytes_seal(b"a", place=PLACE, day=DAY)
    with pytest.raises(SealBrokenError, match="elsewhere"):
        bytes_open(token, place=PLACE + "2")


@pytest.mark.parametrize(("said", "is_right"), [(0, True), (984, True), (985, False), (2**63, False)])
def test_a_length_beyond_the_end_is_refused(said: int, is_right: bool) -> None:
    body = bytearray(_inside(bytes_seal(b"a", place=PLACE, day=DAY)))
    body[32:40] = said.to_bytes(8, "big")
    token = keyring().all.encrypt(bytes(body))
    if is_right:
        assert len(bytes_open(token, place=PLACE)) == said
        return
    with pytest.raises(SealBrokenError, match="length"):
        bytes_open(token, place=PLACE)


def test_which_key_sealed_it(settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.INTAKE_KEYS = [old]
    before = bytes_seal(b"a", place=PLACE, day=DAY)
    settings.INTAKE_KEYS = [new, old]
    after = bytes_seal(b"a", place=PLACE, day=DAY)
    assert (key_index(after), key_index(before)) == (0, 1)
    assert bytes_open(before, place=PLACE) == bytes_open(after, place=PLACE) == b"a"
    settings.INTAKE_KEYS = [new]
    assert key_index(before) is None
    assert key_index(b"nothing") is None
    with pytest.raises(SealBrokenError, match="its key is gone"):
        bytes_open(before, place=PLACE)


def test_a_field_is_sealed_for_its_row_and_day() -> None:
    row = Submission()
    row.seal("answers", {"text": "Años, ñ", "n": [1]}, day=DAY)
    assert row.open("answers") == {"text": "Años, ñ", "n": [1]}
    assert row.place("answers") == f"intake.Submission:answers:{row.pk}"
    assert bytes_open(row.answers or b"", place=row.place("answers")) == '{"text":"Años, ñ","n":[1]}'.encode()
    midnight = int(datetime(2026, 3, 5, tzinfo=UTC).timestamp())
    assert keyring().fernets[0].extract_timestamp(row.answers or b"") == midnight


@pytest.mark.parametrize("empty", [None, "", {}, []])
def test_what_is_empty_leaves_nothing_there(empty: Any) -> None:
    row = Submission()
    row.seal("answers", {"text": "x"})
    row.seal("answers", empty)
    assert row.answers is None
    assert row.open("answers") is None


@pytest.mark.parametrize("value", [0, False, {"text": ""}])
def test_what_only_looks_empty_is_kept(value: Any) -> None:
    row = Submission()
    row.seal("answers", value)
    assert row.open("answers") == value


def test_only_a_sealed_field_has_a_place() -> None:
    with pytest.raises(TypeError):
        Submission().place("state")
    with pytest.raises(TypeError):
        Submission().seal("state", "x")


def test_a_row_says_nothing_of_itself() -> None:
    row = Submission(id=uuid.uuid4())
    assert repr(row) == "<Submission>"
    assert str(row) == str(Submission._meta.verbose_name)
    assert str(row.pk) not in str(row)


def test_what_is_not_sealed_is_refused_by_the_field() -> None:
    field = Submission._meta.get_field("answers")
    assert field.get_prep_value(None) is None
    token = bytes_seal(b"a", place=PLACE, day=DAY)
    assert bytes(field.get_prep_value(token)) == token
    for clear in (b"", b"in clear", b"gAAAA", b" " + token):
        with pytest.raises(SealBrokenError):
            field.get_prep_value(clear)


def test_every_sealed_field_is_known_to_rotation() -> None:
    assert {f"{model._meta.db_table}.{field}" for model, field in sealed_columns()} == {
        "intake_submission.answers",
        "intake_submission.contact",
        "intake_message.text",
        "intake_evidence.key",
        "intake_evidence.about",
        "intake_evidence.copy",
        "intake_reading_named.organizations",
        "intake_reading_note.text",
        "intake_publishing_proposal.content",
        "intake_publishing_consent.shown",
    }
