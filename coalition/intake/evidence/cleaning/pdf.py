"""PDF from its pages alone: what a page shows, and what it needs for that. All else is not copied.

Scripts, attached files, forms, notes and links, names, dates, programs, thumbnails and what programs keep for
themselves stand outside of what is copied. Photos inside lose what the camera wrote into them.
"""

import io
import re
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from coalition.intake.evidence.cleaning import NotCleanableError

MOST_PAGES = 2000
_MOST_DEPTH = 40
_PAGE = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit")
# Of whatever a page needs: what describes rather than shows, or leads to something that does.
_DROPPED = {
    *("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AF", "/OPI", "/Ref", "/Alternates", "/JS", "/AA", "/A"),
    *("/Private", "/Properties", "/StructParent", "/StructParents", "/ID", "/Measure", "/PtData", "/Lang"),
    *("/Parent", "/Annots", "/Info", "/Names", "/EF", "/URI", "/OC", "/OCProperties"),
}
_BEGINS, _ENDS = b"\xff\xd8", b"\xff\xd9"
_MARK = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
_PHOTO, _PHOTO_2000 = "/DCTDecode", "/JPXDecode"


def pdf_clean(data: bytes) -> bytes:
    """Return a new PDF with what the pages show.

    Raises:
        NotCleanableError: it is locked, broken, or made in a way that cannot be looked through.
    """
    try:
        with Pdf.open(io.BytesIO(data), suppress_warnings=True) as source, Pdf.new() as made:
            if not 0 < len(source.pages) <= MOST_PAGES:
                raise NotCleanableError
            copying = _Copying(made)
            for page in source.pages:
                _page_copy(page.obj, made, copying)
            out = io.BytesIO()
            made.save(out, deterministic_id=True, fix_metadata_version=False)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise NotCleanableError from error
    return out.getvalue()


def _inherited(page: Object, key: str) -> Any:
    for _level in range(_MOST_DEPTH):
        if key in page:
            return page[key]
        if "/Parent" not in page:
            return None
        page = page["/Parent"]
    return None


def _page_copy(page: Object, made: Pdf, copying: "_Copying") -> None:
    new = Dictionary(Type=Name.Page)
    for key in _PAGE:
        if (value := _inherited(page, key)) is not None:
            new[key] = copying.copy(value)
    resources = _inherited(page, "/Resources")
    new["/Resources"] = copying.copy(resources) if resources is not None else Dictionary()
    # Taken apart and put together again: what programs note between the commands is not copied.
    new["/Contents"] = made.make_stream(pikepdf.unparse_content_stream(pikepdf.parse_content_stream(page)))
    made.pages.append(pikepdf.Page(made.make_indirect(new)))


def _filters(stream: Object) -> list[str]:
    found = stream.get("/Filter")
    return [] if found is None else [str(each) for each in found] if isinstance(found, Array) else [str(found)]


class _Copying:
    """Copies objects into another PDF, each once, and leaves out what describes."""

    def __init__(self, made: Pdf) -> None:
        self._made = made
        self._known: dict[tuple[int, int], Any] = {}

    def copy(self, value: Any, depth: int = 0) -> Any:
        """Return a copy.

        Raises:
            NotCleanableError: it is too deep, or a picture of a kind that is not looked through.
        """
        if depth > _MOST_DEPTH:
            raise NotCleanableError
        if not isinstance(value, Object) or not isinstance(value, Dictionary | Array | Stream):
            return value
        known = value.objgen if value.is_indirect else None
        if known is not None and known in self._known:
            return self._known[known]
        if isinstance(value, Array):
            return self._settle(known, Array([self.copy(each, depth + 1) for each in value]))
        if isinstance(value, Stream):
            return self._stream(value, known, depth)
        new = Dictionary()
        self._settle_later(known, new)
        return self._filled(self._known.get(known, new) if known else new, value, depth)

    def _settle(self, known: tuple[int, int] | None, new: Any) -> Any:
        if known is None:
            return new
        self._known[known] = self._made.make_indirect(new)
        return self._known[known]

    def _settle_later(self, known: tuple[int, int] | None, new: Any) -> None:
        # Before its content is copied: an object may name itself.
        self._settle(known, new)

    def _filled(self, new: Any, value: Any, depth: int) -> Any:
        for key, each in value.items():
            if key not in _DROPPED and key not in ("/Length", "/Filter", "/DecodeParms"):
                new[key] = self.copy(each, depth + 1)
        return new

    def _stream(self, value: Any, known: tuple[int, int] | None, depth: int) -> Any:
        filters = _filters(value)
        if _PHOTO_2000 in filters:
            raise NotCleanableError
        new = self._made.make_stream(b"")
        if known is not None:
            self._known[known] = new
        self._filled(new, value, depth)
        if value.get("/Subtype") == "/Form":
            new.write(pikepdf.unparse_content_stream(pikepdf.parse_content_stream(value)))
        elif _PHOTO in filters:
            if filters != [_PHOTO]:
                raise NotCleanableError
            new.write(jpeg_bare(value.read_raw_bytes()), filter=Name.DCTDecode)
        else:
            names = [Name(each) for each in filters]
            parms = value.get("/DecodeParms")
            new.write(
                value.read_raw_bytes(),
                filter=Array(names) if names else None,
                decode_parms=self._parms(parms, names) if names and parms is not None else None,
            )
        return new

    def _parms(self, parms: Any, names: list[Any]) -> Any:
        copied = self.copy(parms)
        return copied if isinstance(copied, Array) or len(names) != 1 else Array([copied])


def jpeg_bare(data: bytes) -> bytes:
    """Return a JPEG without comments and without what programs wrote into it; its colours stay as they are.

    Raises:
        NotCleanableError: it is broken.
    """
    if data[:2] != _BEGINS:
        raise NotCleanableError
    out, at = bytearray(_BEGINS), 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if marker == 0xDA:
            # After its head come pixels, up to the next mark that is none of theirs.
            found = _MARK.search(data, end)
            if found is None:
                raise NotCleanableError
            end = found.start()
        segment = data[at:end]
        # 14 says how the colours are stored.
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or (marker == 0xEE and segment[4:9] == b"Adobe"):
            out += segment
        at = end
        if data[at : at + 2] == _ENDS:
            # What stands after it is not copied.
            return bytes(out + _ENDS)
    raise NotCleanableError
