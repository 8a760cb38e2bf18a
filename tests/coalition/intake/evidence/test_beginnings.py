"""What a file is by how it begins, kind by kind; whatever begins otherwise is not taken."""

import io
import zipfile

import pytest

from coalition.intake.evidence.cleaning.audio import tag_length
from coalition.intake.evidence.kinds import Kind, RefusedError, file_check, kind_of
from tests import samples

HEIC = [b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"]
M4A = [b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso5", b"iso6"]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", Kind.JPEG),
        (b"\x89PNG\r\n\x1a\n", Kind.PNG),
        (b"RIFF\0\0\0\0WEBP", Kind.WEBP),
        (b"RIFF\0\0\0\0WAVE", Kind.WAV),
        (b"II*\0", Kind.TIFF),
        (b"MM\0*", Kind.TIFF),
        *((b"\0\0\0\x18ftyp" + brand, Kind.HEIC) for brand in HEIC),
        *((b"\0\0\0\x18ftyp" + brand, Kind.M4A) for brand in M4A),
        (b"%PDF-1.7", Kind.PDF),
        (b"OggS", Kind.OGG),
        (b"fLaC", Kind.FLAC),
        (b"ID3", Kind.MP3),
        (b"\xff\xfb\x90\0", Kind.MP3),
    ],
)
def test_each_kind_is_known_by_its_beginning(head: bytes, kind: Kind) -> None:
    assert kind_of(head.ljust(64, b"\0")) == kind
    # Anything before it makes it something else.
    assert kind_of(b"\1" + head.ljust(64, b"\0")) is None


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xd8",
        b"GIF89a",
        b"RIFF\0\0\0\0AVI ",
        b"\0\0\0\x18ftypqt  ",
        b"\0\0\0\x18ftypmp43",
        b"\0\0\0\x18moov",
        b"PK\3\4",
        b"<svg xmlns",
        b"MZ",
        b"\x7fELF",
        b"\x89PNG\n\n\x1a\n",
        b"%pdf-",
    ],
)
def test_whatever_begins_otherwise_is_of_no_kind(head: bytes) -> None:
    assert kind_of(head) is None


@pytest.mark.parametrize("digits", [(0, 0, 0, 5), (0, 0, 1, 2), (1, 2, 3, 4), (127, 127, 127, 127)])
@pytest.mark.parametrize(("flags", "foot"), [(0, 0), (0x10, 10), (0x80, 0)])
def test_the_length_of_a_tag_has_seven_bits_a_byte(digits: tuple[int, ...], flags: int, foot: int) -> None:
    size = sum(digit * 128 ** (3 - place) for place, digit in enumerate(digits))
    assert tag_length(b"ID3\x04\x00" + bytes([flags, *digits])) == 10 + size + foot


@pytest.mark.parametrize(
    "head",
    [b"", b"ID3\x04\x00\x00\x00\x00\x00", b"ID4\x04\x00\x00\x00\x00\x00\x05", b"ID3\x04\x00\x00\x00\x00\x80\x05"],
)
def test_what_is_no_tag_has_no_length(head: bytes) -> None:
    assert tag_length(head) == 0


def zipped(comment: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("tool.sh", "echo")
        made.comment = comment
    return out.getvalue()


@pytest.mark.parametrize("comment", [b"", b"x", b"PK\x05", b"y" * 300, b"z" * 65535])
def test_a_picture_with_a_zip_behind_it_is_refused_whatever_its_comment(comment: bytes) -> None:
    with pytest.raises(RefusedError, match="something else inside"):
        file_check(io.BytesIO(samples.png() + zipped(comment)))


@pytest.mark.parametrize("cut", [1, 5, 21])
def test_what_only_looks_like_the_end_of_a_zip_is_none(cut: int) -> None:
    assert file_check(io.BytesIO(samples.png() + zipped(b"")[:-cut])) == Kind.PNG
