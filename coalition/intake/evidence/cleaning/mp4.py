"""Sound in MP4 (M4A): everything but sound and what plays it is overwritten with zeros, in its place.

So no offset changes. Names, places, programs and times of day stand in boxes that are not in the list of those kept.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from coalition.intake.evidence.cleaning import NotCleanableError

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts"}
_KEPT = {
    *(b"ftyp", b"mdat", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"smhd", b"dref", b"elst"),
    *(b"stsd", b"stts", b"stsc", b"stsz", b"stco", b"co64", b"sgpd", b"sbgp", b"ctts", b"stss"),
}
# Their first fields after the version are two times: to the second.
_TIMED = {b"mvhd", b"tkhd", b"mdhd"}
# The length of a reference to the file itself; a longer one names another file.
_HERE = 20
_SOUND = b"soun"
# A sound's own description; anything else could hold whatever it likes.
_CODED = {b"mp4a", b"alac"}


@dataclass(frozen=True)
class Box:
    """A box: its kind, where it begins, where its content does, where it ends."""

    kind: bytes
    start: int
    content: int
    end: int


def boxes(data: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two places.

    Raises:
        NotCleanableError: their lengths make no sense.
    """
    at = start
    while at < end:
        if end - at < 8:
            raise NotCleanableError
        size, kind = struct.unpack_from(">I4s", data, at)
        content = at + 8
        if size == 1 and end - at >= 16:
            (size,) = struct.unpack_from(">Q", data, content)
            content += 8
        elif size == 0:
            size = end - at
        if size < content - at or at + size > end:
            raise NotCleanableError
        yield Box(bytes(kind), at, content, at + size)
        at += size


def handlers(data: bytes | bytearray) -> list[bytes]:
    """Return what the tracks are: sound, pictures, text.

    Raises:
        NotCleanableError: it is no MP4 that one can walk through.
    """
    return [bytes(data[box.content + 8 : box.content + 12]) for box in _walk(data, 0, len(data)) if box.kind == b"hdlr"]


def _walk(data: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    for box in boxes(data, start, end):
        yield box
        if box.kind in _CONTAINERS:
            yield from _walk(data, box.content, box.end)


def mp4_clean(original: bytes) -> bytes:
    """Return the sound, with zeros where anything else was.

    Raises:
        NotCleanableError: it has other tracks than one of sound, or is made in a way that is not known here.
    """
    data = bytearray(original)
    try:
        if handlers(data) != [_SOUND]:
            raise NotCleanableError
        tables: dict[bytes, Box] = {}
        samples: list[Box] = []
        for box in list(_kept(data, 0, len(data))):
            tables[box.kind] = box
            if box.kind in _TIMED:
                _untime(data, box)
            elif box.kind == b"hdlr":
                _zero(data, box.content + 12, box.end)
            elif box.kind == b"stsd":
                _describe(data, box)
            elif box.kind == b"dref" and box.end - box.content != _HERE:
                raise NotCleanableError
            elif box.kind == b"mdat":
                samples.append(box)
        used = list(_used(data, tables))
    except (struct.error, IndexError, KeyError) as error:
        raise NotCleanableError from error
    for box in samples:
        _zero_unused(data, box, used)
    return bytes(data)


def _kept(data: bytearray, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes that are kept; the others become free space."""
    for box in list(boxes(data, start, end)):
        if box.kind in _CONTAINERS:
            yield from _kept(data, box.content, box.end)
        elif box.kind in _KEPT:
            yield box
        else:
            data[box.start + 4 : box.start + 8] = b"free"
            _zero(data, box.content, box.end)


def _zero(data: bytearray, start: int, end: int) -> None:
    data[start:end] = bytes(end - start)


def _untime(data: bytearray, box: Box) -> None:
    _zero(data, box.content + 4, box.content + 4 + (16 if data[box.content] == 1 else 8))


def _describe(data: bytearray, box: Box) -> None:
    """Refuse a description of anything but sound."""
    for entry in boxes(data, box.content + 8, box.end):
        if entry.kind not in _CODED:
            raise NotCleanableError


def _numbers(data: bytearray, box: Box, form: str, skip: int = 4) -> list[tuple[int, ...]]:
    """Return the rows of a table: after its version comes their number."""
    (count,) = struct.unpack_from(">I", data, box.content + skip)
    row = struct.Struct(form)
    if count * row.size > box.end - box.content:
        raise NotCleanableError
    return [row.unpack_from(data, box.content + skip + 4 + index * row.size) for index in range(count)]


def _used(data: bytearray, tables: dict[bytes, Box]) -> Iterator[tuple[int, int]]:
    """Yield where sound is."""
    wide = b"co64" in tables
    offsets = [row[0] for row in _numbers(data, tables[b"co64" if wide else b"stco"], ">Q" if wide else ">I")]
    sizes_box = tables[b"stsz"]
    fixed, count = struct.unpack_from(">II", data, sizes_box.content + 4)
    if count > len(data):
        raise NotCleanableError
    sizes = [fixed] * count if fixed else [row[0] for row in _numbers(data, sizes_box, ">I", skip=8)]
    groups = _numbers(data, tables[b"stsc"], ">III")
    sample = 0
    for index, (first, each, _description) in enumerate(groups):
        following = groups[index + 1][0] if index + 1 < len(groups) else len(offsets) + 1
        for chunk in range(first, following):
            length = sum(sizes[sample : sample + each])
            sample += each
            yield offsets[chunk - 1], offsets[chunk - 1] + length


def _zero_unused(data: bytearray, box: Box, used: list[tuple[int, int]]) -> None:
    at = box.content
    for start, end in sorted(used):
        if end <= box.content or start >= box.end:
            continue
        if start > at:
            _zero(data, at, start)
        at = max(at, min(end, box.end))
    if at < box.end:
        _zero(data, at, box.end)
