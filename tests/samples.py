"""Files with whatever devices write into them, each place with the same canary; made here, nothing is downloaded."""

import io
import struct
from collections.abc import Callable

import pikepdf
import pillow_heif
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from coalition.intake.evidence.cleaning.ogg import Page

CANARY = b"CANARY-DEVICE-4711"
# Degrees of a place as EXIF has them: an odd number of them, so that the bytes are nowhere by chance.
LATITUDE = (40.0, 26.0, 46.302)


def exif(thumbnail: bytes = b"") -> Image.Exif:
    tags = Image.Exif()
    tags[0x010F] = CANARY.decode()  # maker
    tags[0x013B] = CANARY.decode()  # artist
    tags[0x9286] = b"ASCII\x00\x00\x00" + CANARY  # the user's comment
    place = tags.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", LATITUDE, "W", (79.0, 58.0, 56.1)
    place[0x1B] = CANARY
    return tags


def xmp() -> bytes:
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>' + CANARY + b"</rdf:RDF></x:xmpmeta>"


def iptc() -> bytes:
    data = b"\x1c\x02\x50" + struct.pack(">H", len(CANARY)) + CANARY
    return b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)


def _picture(size: tuple[int, int] = (1100, 64), mode: str = "RGB") -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert(mode)


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg() -> bytes:
    """Return a JPEG with EXIF (place, thumbnail with a comment of its own), XMP, IPTC, a comment, and a tail."""
    small, out = io.BytesIO(), io.BytesIO()
    _picture((80, 60)).save(small, "JPEG", comment=CANARY)
    tags = exif().tobytes()
    _picture().save(out, "JPEG", exif=tags, comment=CANARY)
    data = out.getvalue()
    more = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + xmp()) + segment(0xED, iptc())
    more += segment(0xE0, b"JFXX\x00\x10" + small.getvalue())
    return data[:2] + more + data[2:] + CANARY


def png() -> bytes:
    info = PngInfo()
    info.add_text("Author", CANARY.decode())
    info.add_text("Comment", CANARY.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", xmp().decode())
    out = io.BytesIO()
    _picture(mode="RGBA").save(out, "PNG", pnginfo=info, exif=exif())
    return out.getvalue() + CANARY


def webp(*, animated: bool = False) -> bytes:
    out = io.BytesIO()
    more = {"save_all": True, "append_images": [_picture().rotate(180)]} if animated else {}
    _picture().save(out, "WEBP", exif=exif(), xmp=xmp(), **more)
    return out.getvalue()


def tiff(frames: int = 1) -> bytes:
    tags = ImageFileDirectory_v2()
    tags[270] = CANARY.decode()
    tags[700] = xmp()
    tags[33723] = iptc()
    out = io.BytesIO()
    more = {"save_all": True, "append_images": [_picture()] * (frames - 1)} if frames > 1 else {}
    _picture().save(out, "TIFF", tiffinfo=tags, exif=exif(), **more)
    return out.getvalue()


def gif() -> bytes:
    out = io.BytesIO()
    _picture().save(out, "GIF", save_all=True, append_images=[_picture().rotate(180)], comment=CANARY)
    return out.getvalue()


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(_picture()).save(out, exif=exif().tobytes(), xmp=xmp(), quality=50)
    return out.getvalue()


PICTURES: dict[str, Callable[[], bytes]] = {"jpg": jpeg, "png": png, "webp": webp, "tiff": tiff, "heic": heic}


# --- sound -------------------------------------------------------------------------------------------------------

FRAME = b"\xff\xfb\x90\x00" + b"\x55" * 413


def mp3() -> bytes:
    tag = b"TIT2" + struct.pack(">I", len(CANARY) + 1) + b"\x00\x00\x00" + CANARY
    head = b"ID3\x03\x00\x00" + bytes([0, 0, len(tag) >> 7, len(tag) & 127])
    named = FRAME[:36] + b"Info" + CANARY + FRAME[36 + 4 + len(CANARY) :]
    return head + tag + named + FRAME * 20 + b"TAG" + CANARY.ljust(125, b"\x00")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack("<4sI", name, len(data)) + data + bytes(len(data) % 2)


def wav() -> bytes:
    fmt = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    body = chunk(b"fmt ", fmt) + chunk(b"LIST", b"INFOIART" + CANARY) + chunk(b"data", b"\x80" * 4001)
    body += chunk(b"bext", CANARY)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body


def flac() -> bytes:
    blocks = [(0, bytes(34)), (4, CANARY), (6, CANARY), (2, CANARY), (1, bytes(100))]
    made = b"".join(
        bytes([kind | (0x80 if index == len(blocks) - 1 else 0)]) + len(data).to_bytes(3, "big") + data
        for index, (kind, data) in enumerate(blocks)
    )
    return b"fLaC" + made + b"\xff\xf8" + b"\x33" * 5000 + b"TAG" + CANARY.ljust(125, b"\x00")


def opus() -> bytes:
    head = b"OpusHead\x01\x01" + bytes(9)
    comments = b"OpusTags" + struct.pack("<I", len(CANARY)) + CANARY + struct.pack("<II", 1, 300) + CANARY.ljust(300)
    lacing = b"\xff" * (len(comments) // 255) + bytes([len(comments) % 255])
    pages = [Page(2, 0, 7, bytes([len(head)]), head), Page(0, 0, 7, lacing, comments)]
    pages += [Page(4 if number == 9 else 0, 960 * number, 7, b"\x50" * 10, b"\x99" * 800) for number in range(1, 10)]
    return b"".join(page.written(number) for number, page in enumerate(pages))


def box(kind: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *inside: bytes) -> bytes:
    return box(kind, bytes(4), *inside)


def m4a(handler: bytes = b"soun", chunks: tuple[tuple[int, ...], ...] = ((50, 70),)) -> bytes:
    """Return an MP4 of one track, with names wherever there may be some.

    Args:
        handler: of what the track is said to be.
        chunks: the sizes of the samples in each; as many in every chunk but the first.
    """
    ftyp = box(b"ftyp", b"M4A \x00\x00\x00\x00isom")
    sizes = [size for chunk in chunks for size in chunk]
    offsets, media = [], CANARY
    for chunk in chunks:
        offsets.append(len(ftyp) + 8 + len(media))
        for size in chunk:
            media += (b"\x77" if size == sizes[0] else b"\x88") * size
        media += CANARY
    mdat = box(b"mdat", media)
    groups = [(1, len(chunks[0]), 1), *((2, len(chunk), 1) for chunk in chunks[1:2])]
    time = struct.pack(">II", 0xE1234567, 0xE1234568)
    stbl = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), box(b"mp4a", bytes(28))),
        full(b"stts", struct.pack(">III", 1, len(sizes), 1024)),
        full(b"stsc", struct.pack(">I", len(groups)), *(struct.pack(">III", *group) for group in groups)),
        full(b"stsz", struct.pack(">II", 0, len(sizes)), *(struct.pack(">I", size) for size in sizes)),
        full(b"stco", struct.pack(">I", len(offsets)), *(struct.pack(">I", offset) for offset in offsets)),
    )
    dinf = box(b"dinf", full(b"dref", struct.pack(">I", 1), struct.pack(">I4sI", 12, b"url ", 1)))
    minf = box(b"minf", full(b"smhd", bytes(4)), dinf, stbl)
    name = full(b"hdlr", bytes(4), handler, bytes(12), CANARY, b"\x00")
    mdia = box(b"mdia", full(b"mdhd", time, bytes(12)), name, minf)
    trak = box(b"trak", full(b"tkhd", time, bytes(72)), mdia, box(b"udta", box(b"name", CANARY)))
    place = box(b"\xa9xyz", b"\x00\x12\x15\xc7+40.4461-079.9822/")
    moov = box(b"moov", full(b"mvhd", time, bytes(88)), trak, box(b"udta", place, box(b"meta", CANARY)))
    return ftyp + mdat + moov + box(b"uuid", bytes(16), CANARY)


# --- documents ---------------------------------------------------------------------------------------------------


def pdf() -> bytes:
    """Return a PDF with a photo, and a canary wherever one can be that is not on the page."""
    made = pikepdf.Pdf.new()
    photo = made.make_stream(jpeg())
    photo.Type, photo.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    photo.Width, photo.Height, photo.BitsPerComponent = 1100, 64, 8
    photo.ColorSpace, photo.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
    photo.Metadata = made.make_stream(xmp())
    content = made.make_stream(b"% " + CANARY + b"\nq 100 0 0 100 0 0 cm /Im0 Do Q\n")
    name = CANARY.decode()
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], T=name, Contents=name
    )
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, 200, 200],
        Contents=content,
        Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=photo)),
        Annots=[made.make_indirect(note)],
        PieceInfo=pikepdf.Dictionary(App=pikepdf.Dictionary(Private=name)),
        Thumb=made.make_stream(CANARY),
        AA=pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=name)),
    )
    made.pages.append(pikepdf.Page(made.make_indirect(page)))
    made.docinfo["/Author"] = name
    made.docinfo["/CreationDate"] = "D:20261103091500"
    made.Root.Metadata = made.make_stream(xmp())
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{name}')")
    made.attachments["a.txt"] = CANARY
    out = io.BytesIO()
    made.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


SOUNDS: dict[str, Callable[[], bytes]] = {"mp3": mp3, "wav": wav, "flac": flac, "ogg": opus, "m4a": m4a}
EVERY: dict[str, Callable[[], bytes]] = {**PICTURES, **SOUNDS, "pdf": pdf}
