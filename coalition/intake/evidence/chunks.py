"""The format of a file at rest: chunks of one length, each sealed with AES-256-GCM for its place in its file.

What is authenticated beside a chunk is the file's id, the chunk's number and whether it is the last one: a file that
was cut, lengthened, reordered, or mixed with another does not open. All chunks have the same length, so that the
length of a file tells its size to a quarter of a megabyte and no finer. A nonce is random: a chunk that is written
again, because a line broke, has another one.
"""

import io
import secrets
import struct
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from coalition.intake.sealing import SealBrokenError

CHUNK = 256 * 1024
_NONCE, _TAG, _LENGTH = 12, 16, 4
STRIDE = _NONCE + _LENGTH + CHUNK + _TAG


def key_make() -> bytes:
    """Return a new key for one file."""
    return AESGCM.generate_key(bit_length=256)


def chunk_seal(data: bytes, *, key: bytes, file: UUID, number: int, is_last: bool) -> bytes:
    """Return a chunk as it is stored, always of the same length.

    Raises:
        ValueError: it is too long; or it is not full although others follow.
    """
    if len(data) > CHUNK or (len(data) < CHUNK and not is_last):
        raise ValueError("A chunk is full, unless it is the last one.")
    nonce = secrets.token_bytes(_NONCE)
    body = struct.pack(">I", len(data)) + data + bytes(CHUNK - len(data))
    return nonce + AESGCM(key).encrypt(nonce, body, _place(file, number, is_last))


def chunk_open(stored: bytes, *, key: bytes, file: UUID, number: int, is_last: bool) -> bytes:
    """Return what is in a chunk.

    Raises:
        SealBrokenError: it was changed, is not of this file, or not in its place.
    """
    if len(stored) != STRIDE:
        raise SealBrokenError("A file is broken: it was cut.")
    try:
        body = AESGCM(key).decrypt(stored[:_NONCE], stored[_NONCE:], _place(file, number, is_last))
    except InvalidTag:
        raise SealBrokenError("A file is broken: a part of it was changed, or is not in its place.") from None
    (length,) = struct.unpack(">I", body[:_LENGTH])
    return body[_LENGTH : _LENGTH + length]


def _place(file: UUID, number: int, is_last: bool) -> bytes:
    return b"coalition.intake.file:" + file.bytes + struct.pack(">Q?", number, is_last)


class Opened(io.RawIOBase):
    """A whole file, decrypted where it is read: bytes are in memory a chunk at a time and nowhere else."""

    def __init__(self, stored: BinaryIO, *, key: bytes, file: UUID) -> None:
        """Look at the last chunk: it has to be there.

        Raises:
            SealBrokenError: the file was cut or changed at its end.
        """
        self._stored, self._key, self._file = stored, key, file
        total = stored.seek(0, io.SEEK_END)
        self._count, rest = divmod(total, STRIDE)
        if rest or not self._count:
            raise SealBrokenError("A file is broken: it was cut.")
        self._number, self._chunk, self._at = -1, b"", 0
        self.size = (self._count - 1) * CHUNK + len(self._load(self._count - 1))

    def _load(self, number: int) -> bytes:
        if number != self._number:
            self._stored.seek(number * STRIDE)
            is_last = number == self._count - 1
            stored = self._stored.read(STRIDE)
            self._chunk = chunk_open(stored, key=self._key, file=self._file, number=number, is_last=is_last)
            self._number = number
        return self._chunk

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that one can move in it."""
        return True

    def tell(self) -> int:
        """Return where one is."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read on, at most to the end of a chunk."""
        if self._at >= self.size:
            return 0
        number, within = divmod(self._at, CHUNK)
        piece = self._load(number)[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Close it, and forget what was in memory."""
        self._chunk = b""
        self._stored.close()
        super().close()

    def pieces(self) -> Iterator[bytes]:
        """Yield everything, a chunk at a time, and close."""
        try:
            for number in range(self._count):
                yield self._load(number)
        finally:
            self.close()
