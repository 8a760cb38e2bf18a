"""Promise 7: bad files are refused with a sentence, and leave nothing behind."""

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from coalition.intake.evidence.models import Evidence
from tests import samples
from tests.coalition.intake.evidence.conftest import send, upload
from tests.coalition.intake.teller import Teller

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


@pytest.mark.parametrize("name", list(BAD))
def test_it_is_refused_in_pieces(vault: Path, name: str) -> None:
    data, sentence = BAD[name]
    teller = Teller()
    fields = {"do": "begin", "name": "holiday.jpg", "size": len(data), "declared": "image/jpeg", "mark": "1"}
    answer = teller.post("/tell/files/", fields).json()
    token, offset, address = teller.token("/tell/files/"), 0, ""
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
    assert answer["problem"].startswith(sentence)
    assert (left(vault), Evidence.objects.count()) == ([], 0)


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
