"""What a file is by how it begins, kind by kind; whatever begins otherwise is not taken."""

import pytest

from coalition.intake.evidence.kinds import Kind, kind_of

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
