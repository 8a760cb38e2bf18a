"""MP3, WAV and FLAC from their sound alone: tags, pictures, places and programs' names are not copied."""

import struct
from collections.abc import Iterator

from coalition.intake.evidence.cleaning import NotCleanableError

# Kilobits a second of layer III: of MPEG 1, and of MPEG 2 and 2.5.
_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_STREAMINFO, _SEEKTABLE = 0, 3


def frame_length(head: bytes) -> int:
    """Return the length of the frame of MPEG layer III that begins so; 0 if none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, hertz = (head[1] >> 3) & 3, head[2] >> 4, (head[2] >> 2) & 3
    if version == 1 or rate in (0, 15) or hertz == 3:
        return 0
    padding = (head[2] >> 1) & 1
    if version == 3:
        return 144_000 * _RATES_1[rate] // _HERTZ[version][hertz] + padding
    return 72_000 * _RATES_2[rate] // _HERTZ[version][hertz] + padding


def tag_length(head: bytes) -> int:
    """Return the length of the ID3v2 tag that begins so; 0 if none does."""
    if len(head) < 10 or head[:3] != b"ID3" or any(byte > 127 for byte in head[6:10]):
        return 0
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + size + (10 if head[5] & 0x10 else 0)


def mp3_frames(data: bytes) -> Iterator[bytes]:
    """Yield the frames; whatever stands between them is passed over."""
    at, end = 0, len(data)
    while at < end - 4:
        length = frame_length(data[at : at + 4])
        follows = at + length
        # A frame is followed by another one, by a tag, or by the end.
        if length and (
            follows == end
            or frame_length(data[follows : follows + 4])
            or data[follows : follows + 3] in (b"TAG", b"ID3", b"APE", b"LYR")
        ):
            yield data[at:follows]
            at = follows
            continue
        skipped = tag_length(data[at : at + 10])
        found = data.find(b"\xff", at + 1)
        at = at + skipped if skipped else found if found > 0 else end


def mp3_clean(data: bytes) -> bytes:
    """Return the frames alone, without the first if it only names the program that wrote them.

    Raises:
        NotCleanableError: there are none.
    """
    frames = list(mp3_frames(data))
    if frames and any(mark in frames[0][:200] for mark in (b"Xing", b"Info", b"VBRI")):
        del frames[0]
    if not frames:
        raise NotCleanableError
    return b"".join(frames)


def wav_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names of a RIFF file's chunks and what is in them."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack("<4sI", data[at : at + 8])
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def wav_clean(data: bytes) -> bytes:
    """Return the format and the samples.

    Raises:
        NotCleanableError: one of them is missing.
    """
    found: dict[bytes, bytes] = {}
    for name, content in wav_chunks(data):
        if name in (b"fmt ", b"data"):
            found.setdefault(name, content)
    if len(found) != 2 or len(found[b"fmt "]) < 16:
        raise NotCleanableError
    body = b"".join(
        struct.pack("<4sI", name, len(found[name])) + found[name] + bytes(len(found[name]) % 2)
        for name in (b"fmt ", b"data")
    )
    return struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body


def flac_clean(data: bytes) -> bytes:
    """Return what a decoder needs to know, and the frames.

    Raises:
        NotCleanableError: one of them is missing.
    """
    at, is_last, kept = 4, False, []
    while not is_last:
        if at + 4 > len(data):
            raise NotCleanableError
        is_last, kind = bool(data[at] & 0x80), data[at] & 0x7F
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        if kind in (_STREAMINFO, _SEEKTABLE):
            kept.append((kind, data[at + 4 : at + 4 + size]))
        at += 4 + size
    frames = _without_tail(data[at:])
    if not kept or kept[0][0] != _STREAMINFO or len(kept[0][1]) != 34 or frames[:2] not in (b"\xff\xf8", b"\xff\xf9"):
        raise NotCleanableError
    blocks = [
        bytes([kind | (0x80 if index == len(kept) - 1 else 0)]) + len(block).to_bytes(3, "big") + block
        for index, (kind, block) in enumerate(kept)
    ]
    return b"fLaC" + b"".join(blocks) + frames


def _without_tail(frames: bytes) -> bytes:
    if frames[-128:-125] == b"TAG":
        frames = frames[:-128]
    if frames[-32:-24] == b"APETAGEX":
        size = int.from_bytes(frames[-20:-16], "little")
        has_header = frames[-12 + 3] & 0x80
        frames = frames[: -(size + (32 if has_header else 0))]
    return frames
