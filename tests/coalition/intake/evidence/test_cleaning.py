"""Copies without what devices write: the canary is in every original and in no copy, and what is shown stays."""

import io
import random
import struct

import pikepdf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from coalition.intake.evidence.cleaning import NotCleanableError
from coalition.intake.evidence.cleaning.audio import flac_clean, mp3_clean, wav_chunks, wav_clean
from coalition.intake.evidence.cleaning.mp4 import Box, boxes, handlers, mp4_clean
from coalition.intake.evidence.cleaning.ogg import Page, checksum, ogg_clean, pages
from coalition.intake.evidence.cleaning.pdf import jpeg_bare, pdf_clean
from coalition.intake.evidence.kinds import file_check
from coalition.intake.evidence.sharing import cleaned
from tests import samples

CANARY = samples.CANARY


@pytest.mark.promise("files-clean")
@pytest.mark.parametrize("name", list(samples.EVERY))
def test_no_copy_says_what_the_device_wrote(name: str) -> None:
    data = samples.EVERY[name]()
    assert CANARY in data or name == "heic"
    kind = file_check(io.BytesIO(data))
    copy, _extension = cleaned(data, kind=kind.value)
    assert CANARY not in copy
    assert file_check(io.BytesIO(copy)) == kind if name not in ("tiff", "heic") else copy[:2] == b"\xff\xd8"
    for mark in (b"Exif", b"xmpmeta", b"8BIM", b"\xa9xyz", b"/JS", b"/Author", b"/EmbeddedFile"):
        assert mark not in copy


def test_sound_stays_what_it_was() -> None:
    assert mp3_clean(samples.mp3()) == samples.FRAME * 20
    assert [name for name, _data in wav_chunks(wav_clean(samples.wav()))] == [b"fmt ", b"data"]
    assert dict(wav_chunks(wav_clean(samples.wav())))[b"data"] == b"\x80" * 4001
    assert flac_clean(samples.flac()).endswith(b"\xff\xf8" + b"\x33" * 5000)
    original, copy = samples.m4a(), mp4_clean(samples.m4a())
    assert len(copy) == len(original)
    assert b"\x77" * 50 + b"\x88" * 70 in copy
    assert handlers(copy) == [b"soun"]
    assert b"\xe1\x23\x45\x67" in original
    assert b"\xe1\x23\x45\x67" not in copy
    sound = list(pages(ogg_clean(samples.opus())))
    assert [page.body for page in sound[2:]] == [b"\x99" * 800] * 9
    assert sound[1].body == b"OpusTags" + bytes(8)


def test_a_page_still_shows_its_photo() -> None:
    with pikepdf.Pdf.open(io.BytesIO(pdf_clean(samples.pdf()))) as copy:
        (page,) = copy.pages
        photo = page.Resources.XObject.Im0
        with Image.open(io.BytesIO(photo.read_raw_bytes())) as picture:
            assert picture.size == (1100, 64)
            assert not picture.getexif()
        assert b"/Im0 Do" in page.Contents.read_bytes()
        assert set(page.obj.keys()) == {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
        assert set(copy.Root.keys()) == {"/Type", "/Pages"}


@pytest.mark.parametrize("name", ["mp3", "wav", "flac", "ogg", "m4a"])
def test_garbage_is_never_more_than_refused(name: str) -> None:
    cleaner = {"mp3": mp3_clean, "wav": wav_clean, "flac": flac_clean, "ogg": ogg_clean, "m4a": mp4_clean}[name]
    whole = samples.SOUNDS[name]()
    chance = random.Random(4711)
    for _round in range(150):
        data = bytearray(whole[: chance.randrange(len(whole))])
        for _flip in range(chance.randrange(6)):
            if data:
                data[chance.randrange(min(len(data), 600))] = chance.randrange(256)
        try:
            cleaner(bytes(data))
        except NotCleanableError:
            continue


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xda\x00\x02abc", b"nothing"])
def test_a_broken_photo_in_a_document_has_no_copy(data: bytes) -> None:
    with pytest.raises(NotCleanableError):
        jpeg_bare(data)


def test_a_film_has_no_copy() -> None:
    with pytest.raises(NotCleanableError):
        mp4_clean(samples.m4a(handler=b"vide"))


def bomb() -> bytes:
    """Return a small PDF whose page unpacks to four gigabytes."""
    made = pikepdf.Pdf.new()
    made.add_blank_page()
    import zlib

    packer = zlib.compressobj(9)
    part = packer.compress(bytes(64 * 1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(64 * 1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = made.make_stream(b"")
    stream.write(part + again * 63, filter=pikepdf.Name.FlateDecode)
    made.pages[0].Contents = stream
    out = io.BytesIO()
    made.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return out.getvalue()


def test_what_blows_up_ends_its_own_process_alone() -> None:
    data = bomb()
    assert len(data) < 10_000_000
    with pytest.raises(NotCleanableError):
        cleaned(data, kind="pdf")


def test_a_locked_document_has_no_copy() -> None:
    with pikepdf.Pdf.open(io.BytesIO(samples.pdf())) as made:
        out = io.BytesIO()
        made.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(NotCleanableError):
        pdf_clean(out.getvalue())


def test_of_sound_in_several_pieces_each_stays_and_what_stands_between_goes() -> None:
    original = samples.m4a(chunks=((50, 70), (30,), (40,)))
    copy = mp4_clean(original)
    begins = original.index(b"\x77" * 50)
    gap = bytes(len(CANARY))
    sound = b"\x77" * 50 + b"\x88" * 70 + gap + b"\x88" * 30 + gap + b"\x88" * 40 + gap
    assert copy[begins - len(gap) : begins + len(sound)] == gap + sound


DESCRIBING = (
    *("Metadata", "PieceInfo", "LastModified", "Thumb", "AF", "OPI", "Ref", "Alternates", "JS", "AA", "A", "Private"),
    *("Properties", "StructParent", "StructParents", "ID", "Measure", "PtData", "Lang", "Parent", "Annots", "Info"),
    *("Names", "EF", "URI", "OC", "OCProperties"),
)


@pytest.mark.parametrize("name", DESCRIBING)
def test_whatever_a_page_needs_says_nothing_by_that_name(name: str) -> None:
    """Beside what shows, in the state a page is drawn with: the one goes, the other stays."""
    made = pikepdf.Pdf.new()
    made.add_blank_page(page_size=(200, 200))
    state = pikepdf.Dictionary({"/CA": 1, f"/{name}": pikepdf.String(CANARY.decode())})
    made.pages[0].obj.Resources = pikepdf.Dictionary(ExtGState=pikepdf.Dictionary(G0=state))
    out = io.BytesIO()
    made.save(out)
    with pikepdf.Pdf.open(io.BytesIO(pdf_clean(out.getvalue()))) as copy:
        assert list(copy.pages[0].obj.Resources.ExtGState.G0.keys()) == ["/CA"]


def test_what_a_decoder_needs_of_flac_ends_with_its_last_part() -> None:
    bare = flac_clean(b"fLaC\x80\x00\x00\x22" + bytes(34) + b"\xff\xf8" + b"\x33" * 50)
    assert bare[:8] == b"fLaC\x80\x00\x00\x22"
    table = b"fLaC\x00\x00\x00\x22" + bytes(34) + b"\x83\x00\x00\x12" + bytes(18) + b"\xff\xf8" + b"\x33" * 50
    assert flac_clean(table) == table


def ogg(*every: Page) -> bytes:
    return b"".join(page.written(number) for number, page in enumerate(every))


HEAD = b"OpusHead\x01\x01" + bytes(9)
TAGS = b"OpusTags" + bytes(8)


def small(body: bytes, *, flags: int = 0, serial: int = 7) -> Page:
    return Page(flags, 0, serial, bytes([len(body)]), body)


@pytest.mark.parametrize(
    "every",
    [
        (small(HEAD, flags=2), small(TAGS), small(b"sound", serial=8)),
        (small(HEAD, flags=2), small(TAGS), small(HEAD, flags=2)),
        (small(b"Speex   " + bytes(9), flags=2), small(TAGS), small(b"sound")),
        (small(HEAD, flags=2),),
    ],
    ids=["two at once", "one after another", "another kind", "no comments"],
)
def test_ogg_that_is_not_one_sound_is_not_copied(every: tuple[Page, ...]) -> None:
    with pytest.raises(NotCleanableError):
        ogg_clean(ogg(*every))


def test_pages_of_a_long_head_say_where_none_of_its_packets_ends() -> None:
    """RFC 3533: the position of a page on which no packet ends is -1, and the next one continues it."""
    setup = b"\x05vorbis" + b"\x07" * 70_000
    lacing = b"\xff" * (len(setup) // 255) + bytes([len(setup) % 255])
    first = small(b"\x01vorbis" + bytes(23), flags=2)
    comments = small(b"\x03vorbis" + bytes(8) + b"\x01")
    parts = [Page(0, -1, 7, lacing[:255], setup[: 255 * 255]), Page(1, 0, 7, lacing[255:], setup[255 * 255 :])]
    copy = list(pages(ogg_clean(ogg(first, comments, *parts, small(b"sound")))))
    assert copy[0] == first
    assert [(page.flags, page.position) for page in copy[1:]] == [(0, 0), (1, 0), (0, 0)]
    assert b"".join(page.body for page in copy[1:3]) == comments.body + setup
    longer = setup + b"\x07" * 70_000
    lacing = b"\xff" * (len(longer) // 255) + bytes([len(longer) % 255])
    parts = [
        Page(1 if start else 0, 0, 7, lacing[start : start + 255], longer[255 * start : 255 * (start + 255)])
        for start in range(0, len(lacing), 255)
    ]
    copy = list(pages(ogg_clean(ogg(first, comments, *parts, small(b"sound")))))
    assert [(page.flags, page.position) for page in copy[1:]] == [(0, 0), (1, -1), (1, 0), (0, 0)]
    assert b"".join(page.body for page in copy[1:4]) == comments.body + longer


def slow_checksum(data: bytes) -> int:
    """Return Ogg's sum as RFC 3533 defines it: bit by bit, polynomial 0x04c11db7, nothing inverted."""
    register = 0
    for byte in data:
        register ^= byte << 24
        for _bit in range(8):
            register = (register << 1) ^ (0x04C11DB7 if register & 0x80000000 else 0)
            register &= 0xFFFFFFFF
    return register


@given(st.binary(max_size=80))
@example(b"OggS")
def test_the_sum_of_a_page_is_the_standards(data: bytes) -> None:
    assert checksum(data) == slow_checksum(data)


def test_boxes_with_long_lengths_and_the_last_one_without() -> None:
    short = struct.pack(">I4s", 12, b"free") + b"1234"
    long = struct.pack(">I4sQ", 1, b"mdat", 20) + b"5678"
    last = struct.pack(">I4s", 0, b"skip") + b"90"
    data = b"junk" + short + long + last
    assert list(boxes(data, 4, len(data))) == [
        Box(b"free", 4, 12, 16),
        Box(b"mdat", 16, 32, 36),
        Box(b"skip", 36, 44, 46),
    ]
    # As long as its own head, and nothing in it.
    assert list(boxes(struct.pack(">I4sQ", 1, b"mdat", 16), 0, 16)) == [Box(b"mdat", 0, 16, 16)]


@pytest.mark.parametrize(
    "data",
    [
        b"1234567",
        struct.pack(">I4s", 7, b"free"),
        struct.pack(">I4s", 9, b"free"),
        struct.pack(">I4sQ", 1, b"mdat", 15),
        struct.pack(">I4sQ", 1, b"mdat", 17),
        struct.pack(">I4s", 1, b"mdat") + b"1234567",
    ],
)
def test_boxes_whose_lengths_make_no_sense(data: bytes) -> None:
    with pytest.raises(NotCleanableError):
        list(boxes(data, 0, len(data)))
