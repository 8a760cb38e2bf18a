"""Pictures that say everything a device can say, in each format, each place with a canary of its own."""

import io
import struct
from collections.abc import Callable, Iterable

import pillow_heif
from PIL import Image, IptcImagePlugin
from PIL.ExifTags import IFD
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from tests import samples

PLACE, XMP, IPTC, COMMENT, THUMBNAIL = (
    f"CANARY-{name}-4711".encode() for name in ("PLACE", "XMP", "IPTC", "COMMENT", "THUMBNAIL")
)
_ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED = 2, 3, 4, 5, 7
_SIZES = {_ASCII: 1, _SHORT: 2, _LONG: 4, _RATIONAL: 8, _UNDEFINED: 1}
Entry = tuple[int, int, bytes]


def _directory(entries: Iterable[Entry], at: int, following: int = 0) -> bytes:
    """Return a directory of tags as TIFF has them, with what is longer than four bytes behind it."""
    listed = sorted(entries)
    rows, behind = b"", b""
    start = at + 2 + 12 * len(listed) + 4
    for tag, kind, value in listed:
        where = value.ljust(4, b"\x00")
        if len(value) > 4:
            where = struct.pack("<I", start + len(behind))
            behind += value + bytes(len(value) % 2)
        rows += struct.pack("<HHI", tag, kind, len(value) // _SIZES[kind]) + where
    return struct.pack("<H", len(listed)) + rows + struct.pack("<I", following) + behind


def _degrees(*values: int) -> bytes:
    return b"".join(struct.pack("<II", value, 1) for value in values)


def _small() -> bytes:
    """Return the thumbnail that a camera puts beside a photo: a photo itself, with a comment of its own."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((80, 60)).convert("RGB").save(out, "JPEG", comment=THUMBNAIL)
    return out.getvalue()


def _thumbnail(at: int) -> bytes:
    """Return the second directory of EXIF, and the thumbnail behind it."""
    small = _small()

    def made(where: int) -> bytes:
        numbers = {0x0201: where, 0x0202: len(small)}
        rows = [(tag, _LONG, struct.pack("<I", number)) for tag, number in numbers.items()]
        return _directory([(0x0103, _SHORT, struct.pack("<H", 6)), *rows], at)

    return made(at + len(made(0))) + small


def exif() -> bytes:
    """Return EXIF with a place, a comment and a thumbnail."""
    place = [
        *((1, _ASCII, b"N\x00"), (2, _RATIONAL, _degrees(40, 26, 46)), (3, _ASCII, b"W\x00")),
        *((4, _RATIONAL, _degrees(79, 58, 56)), (0x1B, _UNDEFINED, PLACE)),
    ]
    said = [(0x9286, _UNDEFINED, b"ASCII\x00\x00\x00" + COMMENT)]

    def first(said_at: int, place_at: int, following: int) -> bytes:
        pointers = {0x8769: said_at, 0x8825: place_at}
        rows = [(tag, _LONG, struct.pack("<I", at)) for tag, at in pointers.items()]
        return _directory([(0x010F, _ASCII, b"A camera\x00"), *rows], 8, following)

    said_at = 8 + len(first(0, 0, 0))
    place_at = said_at + len(_directory(said, said_at))
    following = place_at + len(_directory(place, place_at))
    head = b"II*\x00" + struct.pack("<I", 8) + first(said_at, place_at, following)
    return b"Exif\x00\x00" + head + _directory(said, said_at) + _directory(place, place_at) + _thumbnail(following)


def xmp() -> bytes:
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>' + XMP + b"</rdf:RDF></x:xmpmeta>"


def _caption() -> bytes:
    """Return a by-line as IPTC has it."""
    return b"\x1c\x02\x50" + struct.pack(">H", len(IPTC)) + IPTC


def _resource() -> bytes:
    data = _caption()
    return b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)


def _picture() -> Image.Image:
    return Image.linear_gradient("L").resize((640, 64)).convert("RGB")


def _saved(kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    _picture().save(out, kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


def jpeg() -> bytes:
    data = _saved("JPEG", exif=exif(), comment=COMMENT)
    more = samples.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + xmp())
    return data[:2] + more + samples.segment(0xED, b"Photoshop 3.0\x00" + _resource()) + data[2:]


def png() -> bytes:
    info = PngInfo()
    info.add_text("Comment", COMMENT.decode())
    info.add_itxt("XML:com.adobe.xmp", xmp().decode())
    # As programs put it there: in hexadecimal digits.
    data = _resource()
    info.add_text("Raw profile type iptc", f"\niptc\n{len(data):8}\n{data.hex()}\n")
    return _saved("PNG", pnginfo=info, exif=exif())


def webp() -> bytes:
    return _saved("WEBP", exif=exif(), xmp=xmp())


def tiff() -> bytes:
    tags = ImageFileDirectory_v2()
    tags[270] = COMMENT.decode()
    tags[700] = xmp()
    tags[33723] = _caption()
    tags[0x8825] = {1: "N", 0x1B: PLACE}
    data = _saved("TIFF", tiffinfo=tags)
    data += bytes(len(data) % 2)
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    link = at + 2 + 12 * count
    return data[:link] + struct.pack("<I", len(data)) + data[link + 4 :] + _thumbnail(len(data))


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(_picture()).save(out, exif=exif(), xmp=xmp(), quality=50)
    return out.getvalue()


EVERY: dict[str, Callable[[], bytes]] = {"jpg": jpeg, "png": png, "webp": webp, "tiff": tiff, "heic": heic}
CANARIES = {"place": PLACE, "XMP": XMP, "IPTC": IPTC, "comment": COMMENT, "thumbnail": THUMBNAIL}
# These two formats have no room for IPTC.
SAID = {kind: set(CANARIES) - ({"IPTC"} if kind in ("webp", "heic") else set()) for kind in EVERY}


def in_bytes(data: bytes) -> set[str]:
    """Return what a file says, by its bytes."""
    lower = data.lower()
    return {name for name, mark in CANARIES.items() if mark in data or mark.hex().encode() in lower}


def in_tags(data: bytes) -> set[str]:
    """Return what a file says to programs that read tags, whatever it says; anything else that it says by its name."""
    with Image.open(io.BytesIO(data)) as picture:
        tags, info = picture.getexif(), dict(picture.info)
        place, said_by, first = (dict(tags.get_ifd(each)) for each in (IFD.GPSInfo, IFD.Exif, IFD.IFD1))
        picture.load()
        iptc = IptcImagePlugin.getiptcinfo(picture) if picture.format in ("JPEG", "TIFF") else None
        own = dict(getattr(picture, "tag_v2", {}))
    said = {
        "place": bool(place),
        "XMP": bool(info.get("xmp") or info.get("XML:com.adobe.xmp") or own.get(700)),
        "IPTC": bool(iptc or info.get("photoshop") or info.get("Raw profile type iptc")),
        "comment": bool(info.get("comment") or info.get("Comment") or own.get(270) or said_by),
        "thumbnail": bool(first),
        "other tags": bool(dict(tags)) and not own,
        "EXIF": bool(info.get("exif")),
    }
    return {name for name, is_said in said.items() if is_said}
