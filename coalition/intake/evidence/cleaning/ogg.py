"""Opus and Vorbis in Ogg from their sound alone: the packet of comments is written anew, empty."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from coalition.intake.evidence.cleaning import NotCleanableError

_HEAD = struct.Struct("<4sBBqIIIB")
_BEGINS, _CONTINUES = 2, 1
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
# How the first packet begins: how many packets come before the sound, and the second of them without comments.
_KINDS = {
    b"OpusHead": (2, b"OpusTags" + bytes(8)),
    b"\x01vorbis": (3, b"\x03vorbis" + bytes(8) + b"\x01"),
}


@dataclass
class Page:
    """A page: flags, position of the sound, serial number, lengths of segments, content."""

    flags: int
    position: int
    serial: int
    lacing: bytes
    body: bytes

    def written(self, number: int) -> bytes:
        """Return the page with its number and its sum."""
        head = _HEAD.pack(b"OggS", 0, self.flags, self.position, self.serial, number, 0, len(self.lacing))
        whole = head + self.lacing + self.body
        return whole[:22] + struct.pack("<I", checksum(whole)) + whole[26:]


def checksum(data: bytes) -> int:
    """Return Ogg's sum: that of zlib with every byte, and the result, read backwards."""
    reflected = zlib.crc32(data.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{reflected:032b}"[::-1], 2)


def pages(data: bytes) -> Iterator[Page]:
    """Yield the pages.

    Raises:
        NotCleanableError: something else stands between them.
    """
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            raise NotCleanableError
        mark, version, flags, position, serial, _number, _sum, count = _HEAD.unpack_from(data, at)
        lacing = data[at + _HEAD.size : at + _HEAD.size + count]
        start = at + _HEAD.size + count
        at = start + sum(lacing)
        if mark != b"OggS" or version or len(lacing) != count or at > len(data):
            raise NotCleanableError
        yield Page(flags, position, serial, lacing, data[start:at])


def ogg_clean(data: bytes) -> bytes:
    """Return the sound with empty comments.

    Raises:
        NotCleanableError: it is not one stream of Opus or Vorbis.
    """
    every = list(pages(data))
    kind = next((kind for beginning, kind in _KINDS.items() if every and every[0].body.startswith(beginning)), None)
    if kind is None or {page.serial for page in every} != {every[0].serial}:
        raise NotCleanableError
    if any(page.flags & _BEGINS for page in every[1:]):
        raise NotCleanableError
    wanted, comments = kind
    headers, used = _headers(every, wanted)
    made = [Page(_BEGINS, 0, every[0].serial, _lacing(len(headers[0])), headers[0])]
    made += _paged([comments, *headers[2:]], every[0].serial)
    made += every[used:]
    return b"".join(page.written(number) for number, page in enumerate(made))


def _headers(every: list[Page], wanted: int) -> tuple[list[bytes], int]:
    """Return the packets before the sound, and how many pages they fill."""
    packets, part, used = [], b"", 0
    for page in every:
        used += 1
        at = 0
        for length in page.lacing:
            part += page.body[at : at + length]
            at += length
            if length < 255:
                packets.append(part)
                part = b""
        if len(packets) >= wanted:
            break
    if len(packets) != wanted or part:
        raise NotCleanableError
    return packets, used


def _lacing(length: int) -> bytes:
    return b"\xff" * (length // 255) + bytes([length % 255])


def _paged(packets: list[bytes], serial: int) -> Iterator[Page]:
    lacing = b"".join(_lacing(len(packet)) for packet in packets)
    body, at, continues = b"".join(packets), 0, 0
    for start in range(0, len(lacing), 255):
        segments = lacing[start : start + 255]
        size = sum(segments)
        ends = any(length < 255 for length in segments)
        yield Page(continues, 0 if ends else -1, serial, segments, body[at : at + size])
        at += size
        continues = _CONTINUES if segments[-1] == 255 else 0
