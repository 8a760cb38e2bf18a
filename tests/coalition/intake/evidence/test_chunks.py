"""The format at rest: whatever is read was written there; anything else does not open."""

import io
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coalition.intake.evidence.chunks import CHUNK, STRIDE, Opened, chunk_seal, key_make
from coalition.intake.sealing import SealBrokenError

KEY, FILE = key_make(), uuid.uuid4()


def stored(data: bytes, *, key: bytes = KEY, file: uuid.UUID = FILE) -> bytes:
    parts = [data[start : start + CHUNK] for start in range(0, max(1, len(data)), CHUNK)]
    return b"".join(
        chunk_seal(part, key=key, file=file, number=number, is_last=number == len(parts) - 1)
        for number, part in enumerate(parts)
    )


def opened(data: bytes, *, key: bytes = KEY, file: uuid.UUID = FILE) -> bytes:
    return b"".join(Opened(io.BytesIO(data), key=key, file=file).pieces())


SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7]
PLAIN = bytes(index % 251 for index in range(3 * CHUNK + 7))
WHOLE = stored(PLAIN)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_written_is_read(size: int) -> None:
    made = stored(PLAIN[:size])
    assert opened(made) == PLAIN[:size]
    assert len(made) % STRIDE == 0
    assert PLAIN[:40] not in made or size == 0


@given(at=st.integers(0, len(WHOLE) - 1), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_a_flipped_bit_does_not_open(at: int, bit: int) -> None:
    broken = bytearray(WHOLE)
    broken[at] ^= 1 << bit
    with pytest.raises(SealBrokenError):
        opened(bytes(broken))


@given(length=st.integers(0, len(WHOLE) - 1) | st.sampled_from([STRIDE, 2 * STRIDE, 3 * STRIDE]))
@settings(max_examples=60, deadline=None)
def test_a_cut_file_does_not_open(length: int) -> None:
    with pytest.raises(SealBrokenError):
        opened(WHOLE[:length])


@given(order=st.lists(st.integers(0, 3), min_size=1, max_size=6).filter(lambda found: found != [0, 1, 2, 3]))
@settings(max_examples=60, deadline=None)
def test_chunks_in_another_order_do_not_open(order: list[int]) -> None:
    with pytest.raises(SealBrokenError):
        opened(b"".join(WHOLE[number * STRIDE : (number + 1) * STRIDE] for number in order))


def test_a_file_opens_in_its_own_place_with_its_own_key() -> None:
    for key, file in ((key_make(), FILE), (KEY, uuid.uuid4())):
        with pytest.raises(SealBrokenError):
            opened(WHOLE, key=key, file=file)


def test_a_chunk_of_another_file_with_the_same_key_does_not_open() -> None:
    other = stored(PLAIN, file=uuid.uuid4())
    with pytest.raises(SealBrokenError):
        opened(WHOLE[:STRIDE] + other[STRIDE : 2 * STRIDE] + WHOLE[2 * STRIDE :])


@given(st.lists(st.tuples(st.integers(0, len(PLAIN) + 9), st.integers(0, 2 * CHUNK)), max_size=6))
@settings(max_examples=40, deadline=None)
def test_reading_anywhere_is_reading_the_file(reads: list[tuple[int, int]]) -> None:
    file = io.BufferedReader(Opened(io.BytesIO(WHOLE), key=KEY, file=FILE))
    for start, length in reads:
        file.seek(start)
        assert file.read(length) == PLAIN[start : start + length]


def test_only_the_last_chunk_may_be_short() -> None:
    with pytest.raises(ValueError, match="full"):
        chunk_seal(b"a", key=KEY, file=FILE, number=0, is_last=False)
    with pytest.raises(ValueError, match="full"):
        chunk_seal(bytes(CHUNK + 1), key=KEY, file=FILE, number=0, is_last=True)
