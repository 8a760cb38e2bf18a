"""Promise 7: bad files are refused with a sentence, and leave nothing behind."""

import html
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from wagtail.documents.models import Document
from wagtail.models import Collection, UploadedFile
from wagtail.users.models import UserProfile

from cms.base.models import SiteImage
from coalition.intake.evidence.models import Evidence
from tests import factories, samples
from tests.coalition.intake.evidence.conftest import send, upload
from tests.coalition.intake.teller import Teller
from tests.coalition.organizing.conftest import Team, fields

pytestmark = pytest.mark.django_db
UNKNOWN = "This is no file that we can take."
BROKEN = "This file is broken: it ends too early, or is not what it says."
TWO = "There is something else inside this file."
PIXELS = "The photo has more than 50 million pixels."
LARGE = "This file is larger than 50 megabytes."


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, settings: Any) -> Path:
    settings.INTAKE_FILES = tmp_path / "files"
    return tmp_path / "files"


def zipped(size: int = 10) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a", bytes(size))
    return out.getvalue()


def huge() -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return data + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


BAD = {
    "a script": (b"<script>alert(1)</script>" * 9, UNKNOWN),
    "SVG with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', UNKNOWN),
    "a program": (b"MZ" + bytes(500), UNKNOWN),
    "a zip bomb": (zipped(50_000_000), UNKNOWN),
    "a word document": (zipped(), UNKNOWN),
    "empty": (b"", UNKNOWN),
    "one byte": (b"\xff", UNKNOWN),
    "GIF": (samples.gif(), UNKNOWN),
    "a film": (samples.m4a(handler=b"vide"), BROKEN),
    "wrong magic, photo": (b"\xff\xd8\xff\xe0" + b"no photo " * 99, BROKEN),
    "wrong magic, PNG": (b"\x89PNG\r\n\x1a\n" + b"no picture" * 99, BROKEN),
    "wrong magic, PDF": (b"%PDF-1.7 " + b"no document" * 99, BROKEN),
    "wrong magic, sound": (b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"no sound" * 99, BROKEN),
    "wrong magic, FLAC": (b"fLaC" + b"no sound" * 99, BROKEN),
    "wrong magic, OGG": (b"OggS" + b"no sound" * 99, BROKEN),
    "wrong magic, WAV": (b"RIFF\x00\x00\x00\x00WAVE" + b"no sound" * 99, BROKEN),
    "wrong magic, M4A": (b"\x00\x00\x00\x18ftypM4A " + b"no sound" * 99, BROKEN),
    "wrong magic, HEIC": (b"\x00\x00\x00\x18ftypheic" + b"no photo" * 99, BROKEN),
    "50,000 x 50,000": (huge(), PIXELS),
    "photo and ZIP": (samples.jpeg() + zipped(), TWO),
    "document and ZIP": (samples.pdf() + zipped(), TWO),
    "photo and page": (samples.jpeg() + b"<html><script>alert(1)</script></html>", TWO),
    "photo and program": (samples.png() + b"<?php system($_GET[0]); ?>", TWO),
    "sound and document": (b"ID3\x03\x00\x00\x00\x00\x00\x14" + b"%PDF-1.7 and more..." + samples.FRAME * 9, TWO),
    "50 MB and one byte": (samples.wav() + bytes(50 * 1024 * 1024 + 1 - len(samples.wav())), LARGE),
}


def left(vault: Path) -> list[str]:
    return [path.name for path in vault.iterdir()] if vault.exists() else []


@pytest.mark.parametrize("name", list(BAD))
def test_it_is_refused_by_the_form(vault: Path, name: str) -> None:
    data, sentence = BAD[name]
    response = send(Teller(), upload(data, "holiday.jpg"))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "holiday.jpg" in response.content.decode()
    assert (left(vault), Evidence.objects.count()) == ([], 0)


def in_pieces(teller: Teller, data: bytes, path: str = "/tell/files/") -> str:
    """Send a file as the script does; return with which sentence it was refused."""
    fields = {"do": "begin", "name": "holiday.jpg", "size": len(data), "declared": "image/jpeg", "mark": "1"}
    answer = teller.post(path, fields).json()
    token, offset, address = teller.token(path), 0, ""
    while "problem" not in answer:
        sent = data[offset : offset + 1024 * 1024]
        assert sent, answer
        address = str(answer.get("address", address))
        answer = teller.client.post(
            address,
            sent,
            content_type="application/octet-stream",
            secure=True,
            HTTP_UPLOAD_OFFSET=str(offset),
            HTTP_X_CSRFTOKEN=token,
            HTTP_ORIGIN="null",
        ).json()
        offset += len(sent)
    return str(answer["problem"])


@pytest.mark.parametrize("name", list(BAD))
def test_it_is_refused_in_pieces(vault: Path, name: str) -> None:
    data, sentence = BAD[name]
    assert in_pieces(Teller(), data).startswith(sentence)
    assert (left(vault), Evidence.objects.count()) == ([], 0)


def test_whoever_came_back_is_refused_the_same(vault: Path) -> None:
    teller = Teller()
    teller.returns(Teller().tells())
    for name, (data, sentence) in BAD.items():
        response = send(teller, upload(data, "holiday.jpg"), path="/return/files/")
        assert (response.status_code, sentence in response.content.decode()) == (422, True), name
        assert in_pieces(teller, data, "/return/files/").startswith(sentence), name
        assert (left(vault), Evidence.objects.count()) == ([], 0), name


def test_what_is_good_beside_it_is_kept(vault: Path) -> None:
    response = send(Teller(), upload(samples.jpeg(), "good.jpg"), upload(b"MZ" + bytes(99), "bad.jpg"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "bad.jpg: This is no file" in page
    assert (len(left(vault)), Evidence.objects.count()) == (1, 1)


@pytest.mark.parametrize("name", list(samples.EVERY))
def test_every_kind_that_is_named_is_taken(name: str) -> None:
    assert send(Teller(), upload(samples.EVERY[name](), "holiday.bin")).status_code == 302
    assert Evidence.objects.get().state == "whole"


def test_too_many_too_much_and_no_room_are_said(vault: Path, settings: Any) -> None:
    settings.INTAKE_FILES_MOST = 2
    teller = Teller()
    response = send(teller, *(upload(samples.mp3(), f"{number}.mp3") for number in range(3)))
    assert (response.status_code, Evidence.objects.count(), len(left(vault))) == (422, 2, 2)
    settings.INTAKE_FILES_MOST, settings.INTAKE_FILES_BYTES = 20, 3 * len(samples.mp3()) - 1
    assert "fits into one telling" in send(teller, upload(samples.mp3())).content.decode()
    settings.INTAKE_FILES_SPARE = 1 << 60
    assert "no room" in send(teller, upload(samples.mp3())).content.decode()
    assert (Evidence.objects.count(), len(left(vault))) == (2, 2)


def test_what_breaks_off_leaves_nothing(vault: Path) -> None:
    teller = Teller()
    token = teller.token("/tell/files/")
    boundary = "b"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    ).encode()

    class Breaking(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            if self.tell() > 1_000_000:
                raise OSError("The line broke.")
            return super().read(size)

    sent = head + samples.wav() + bytes(2_000_000)
    response = teller.client.generic(
        "POST",
        "/tell/files/",
        b"",
        content_type=f"multipart/form-data; boundary={boundary}",
        secure=True,
        HTTP_ORIGIN="null",
        **{"wsgi.input": Breaking(sent), "CONTENT_LENGTH": str(len(sent))},
    )
    assert response.status_code in (400, 403)
    assert (left(vault), Evidence.objects.count()) == ([], 0)


# --- where editors and organizers send files ----------------------------------------------------------------------

# What none of them may hand on. The name has the ending of what it pretends to be, so that nothing is refused for that.
ELSEWHERE = {
    "a script": ("jpg", BAD["a script"][0]),
    "SVG with a script": ("svg", BAD["SVG with a script"][0]),
    "SVG that is called a photo": ("jpg", BAD["SVG with a script"][0]),
    "a program": ("pdf", BAD["a program"][0]),
    "a zip bomb": ("pdf", BAD["a zip bomb"][0]),
    "wrong magic, photo": ("jpg", BAD["wrong magic, photo"][0]),
    "wrong magic, PNG": ("png", BAD["wrong magic, PNG"][0]),
    "wrong magic, PDF": ("pdf", BAD["wrong magic, PDF"][0]),
    "wrong magic, HEIC": ("heic", BAD["wrong magic, HEIC"][0]),
    "half a photo": ("jpg", samples.jpeg()[:3000]),
    "50,000 x 50,000": ("png", huge()),
    "photo and ZIP": ("jpg", BAD["photo and ZIP"][0]),
    "document and ZIP": ("pdf", BAD["document and ZIP"][0]),
    "photo and page": ("jpg", BAD["photo and page"][0]),
    "photo and program": ("png", BAD["photo and program"][0]),
}
# What an organizer or an editor is told; the last are Wagtail's and Django's own.
SENTENCES = (
    *("This picture is broken or too large.", "This is neither a PDF nor a picture.", BROKEN, TWO, PIXELS),
    *("This is no photo that the site can read.", "The photo is broken", "Upload a valid image."),
    *("Not a supported image format.", "The extension does not match the file format", "This file has too many pixels"),
)


Sender = Callable[[SimpleUploadedFile], Any]


def _editors_form(path: str, field: str = "file", prefix: str = "") -> Callable[[], Sender]:
    def door() -> Sender:
        client = factories.client_of(factories.user("editor@example.org", superuser=True))
        form = {"title": "A", "collection": Collection.get_first_root_node().pk, "tags": ""}
        headers = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"} if field == "files[]" else {}

        def sent(file: SimpleUploadedFile) -> Any:
            named = {f"{prefix}{name}": value for name, value in {**form, field: file}.items()}
            return client.post(path, named, **headers)

        return sent

    return door


def _own_picture() -> Sender:
    user = factories.user("editor@example.org", superuser=True)
    client = factories.client_of(user)
    form = {
        **{"name_email-email": user.email, "name_email-first_name": "Ada", "name_email-last_name": "L."},
        **{"locale-preferred_language": "", "locale-current_time_zone": ""},
        **{"theme-theme": "system", "theme-contrast": "system", "theme-density": "default"},
    }
    return lambda file: client.post("/admin/account/", {**form, "avatar-avatar": file})


def _organizers_form() -> Sender:
    team = Team()
    return lambda file: team.client.post(team.new_update(), fields(do="publish", photo=file, alt="A banner"))


DOORS: dict[str, Callable[[], Sender]] = {
    "pictures, many": _editors_form("/admin/images/multiple/add/", "files[]"),
    "pictures, one": _editors_form("/admin/images/add/"),
    "pictures, chooser": _editors_form("/admin/images/chooser/create/", prefix="image-chooser-upload-"),
    "documents, many": _editors_form("/admin/documents/multiple/add/", "files[]"),
    "documents, one": _editors_form("/admin/documents/add/"),
    "documents, chooser": _editors_form("/admin/documents/chooser/create/", prefix="document-chooser-upload-"),
    "a picture of oneself": _own_picture,
    "updates": _organizers_form,
}


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def _kept(media: Path) -> tuple[int, int, int, int, int]:
    """Return how many files there are, and rows for them."""
    files = len([path for path in media.rglob("*") if path.is_file()]) if media.exists() else 0
    rows = (SiteImage.objects.count(), Document.objects.count(), UploadedFile.objects.count())
    return files, *rows, UserProfile.objects.exclude(avatar="").count()


@pytest.mark.parametrize("door", list(DOORS))
def test_no_other_door_takes_any_of_them(media: Path, door: str) -> None:
    send_in, before = DOORS[door](), _kept(media)
    for name, (ending, data) in ELSEWHERE.items():
        with transaction.atomic():
            response = send_in(SimpleUploadedFile(f"holiday.{ending}", data))
            # The editors' forms answer so to whatever they refuse; scripts get the sentence in JSON.
            assert response.status_code == (422 if door == "updates" else 200), name
            page = html.unescape(response.content.decode().encode().decode("unicode_escape"))
            assert [each for each in SENTENCES if each in page], (name, page)
            assert _kept(media) == before, name
            transaction.set_rollback(True)


@pytest.mark.parametrize("door", list(DOORS))
def test_each_door_takes_what_is_good(media: Path, door: str) -> None:
    """The control: what is refused above is refused for what it is."""
    send_in, before = DOORS[door](), _kept(media)
    response = send_in(SimpleUploadedFile("holiday.jpg", samples.jpeg()))
    assert response.status_code in (200, 302)
    assert sum(_kept(media)) >= sum(before) + 2


def test_a_pdf_is_called_one_whatever_its_name(media: Path) -> None:
    assert DOORS["documents, one"]()(SimpleUploadedFile("holiday.html", samples.pdf())).status_code == 302
    assert [path.suffix for path in media.rglob("*") if path.is_file()] == [".pdf"]
