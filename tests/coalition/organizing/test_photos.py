"""Photos: nothing of the camera is stored, nothing is written before it is cleaned, and what is no photo is refused."""

import io
import os
import struct
import tempfile
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from cms.base.models import SiteImage
from cms.campaigns.models import CampaignUpdatePage
from tests.coalition.organizing.conftest import Team, fields, version_on

pytestmark = pytest.mark.django_db
CANARY = b"CANARY-CAMERA-4711"


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), noise: int = 0) -> bytes:
    """Return a picture whose metadata name a camera."""
    image = Image.new("RGB", size, (200, 30, 30)) if not noise else Image.frombytes("RGB", size, os.urandom(noise))
    exif = Image.Exif()
    exif[0x010F] = CANARY.decode()
    out = io.BytesIO()
    image.save(out, kind, exif=exif.tobytes())
    return out.getvalue()


def upload(data: bytes, name: str = "IMG_0001 at home.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_is_published_from_its_pixels_alone(team: Team, media: Path, kind: str) -> None:
    data = photo(kind)
    assert CANARY in data
    sent = fields(do="publish", photo=upload(data), alt="Nurses before the hospital")
    assert team.client.post(team.new_update(), sent).status_code == 302
    update = CampaignUpdatePage.objects.get()
    figure = update.text[0]
    assert (figure.block_type, figure.value["image"].contextual_alt_text) == ("figure", "Nurses before the hospital")
    page = Client().get(update.url).content
    assert b'alt="Nurses before the hospital"' in page
    assert b"IMG_0001" not in page
    files = [path for path in media.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert CANARY not in path.read_bytes()
        assert "IMG_0001" not in path.name


def test_alternative_text_is_asked_for_and_the_photo_is_kept_meanwhile(team: Team) -> None:
    address = team.new_update()
    response = team.client.post(address, fields(do="publish", photo=upload(photo())))
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == ["Say what the photo shows, for people who cannot see it."]
    reference = response.context["form"]["photo_ref"].value()
    sent = fields(do="publish", alt="A banner", photo_ref=reference, version=version_on(response))
    assert team.client.post(address, sent).status_code == 302
    assert CampaignUpdatePage.objects.get().text[0].value["image"].contextual_alt_text == "A banner"
    assert SiteImage.objects.count() == 1


def test_sending_a_photo_twice_publishes_once(team: Team) -> None:
    address, data = team.new_update(), photo()
    for _twice in range(2):
        sent = fields(do="publish", photo=upload(data), alt="A banner")
        assert team.client.post(address, sent).status_code == 302
    assert SiteImage.objects.count() == 1


def test_nobody_can_name_a_photo_that_they_were_not_given(team: Team) -> None:
    address = team.new_update()
    team.client.post(address, fields(photo_ref="1"))
    assert [block.block_type for block in CampaignUpdatePage.objects.get().text] == ["paragraph"]


def test_a_photo_can_be_taken_out(team: Team) -> None:
    address = team.new_update()
    team.client.post(address, fields(photo=upload(photo()), alt="A banner"))
    page = team.client.get(address)
    sent = fields(
        photo_ref=page.context["form"]["photo_ref"].value(), remove_photo="on", version=version_on(page), do="publish"
    )
    team.client.post(address, sent)
    assert [block.block_type for block in CampaignUpdatePage.objects.get().text] == ["paragraph"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.7 no photo", "This is no photo that the site can read. Choose a JPEG, PNG, WEBP or HEIC."),
        (b"<svg onload=alert(1)>", "This is no photo that the site can read. Choose a JPEG, PNG, WEBP or HEIC."),
        (b"", "This is no photo that the site can read. Choose a JPEG, PNG, WEBP or HEIC."),
        (
            b"\xff" * (15 * 1024 * 1024 + 1),
            "The photo is larger than 15 megabytes. Choose a smaller one; your text is kept.",
        ),
        (
            b"\xff" * (26 * 1024 * 1024),
            "The photo is larger than 15 megabytes. Choose a smaller one; your text is kept.",
        ),
    ],
    ids=["pdf", "svg", "empty", "15 MB", "26 MB"],
)
def test_what_is_no_photo_is_refused_and_the_text_is_kept(team: Team, data: bytes, sentence: str) -> None:
    address = team.new_update()
    response = team.client.post(address, fields(do="publish", photo=upload(data), alt="x"))
    assert response.status_code == 422
    assert response.context["form"].errors["photo"] == [sentence]
    assert team.client.get(address).context["form"]["title"].value() == "We won notice"
    assert not SiteImage.objects.exists()


def test_too_many_pixels_are_refused_before_they_are_decoded(team: Team) -> None:
    head = b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    data += struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    response = team.client.post(team.new_update(), fields(photo=upload(data, "a.png")))
    assert response.context["form"].errors["photo"] == [
        "The photo has more than 50 million pixels. Make it smaller, then choose it again."
    ]


def test_a_broken_photo_is_refused(team: Team) -> None:
    data = photo(noise=64 * 48 * 3)
    response = team.client.post(team.new_update(), fields(photo=upload(data[: len(data) // 2])))
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "The photo is broken: it ends too early, or is not what it says. Choose another."
    ]


def test_nothing_is_written_to_the_temporary_folder(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = tmp_path / "temporary"
    watched.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(watched))
    opened: list[str] = []
    monkeypatch.setattr(
        "django.core.files.uploadedfile.TemporaryUploadedFile.__init__", lambda *a, **k: opened.append("temporary")
    )
    # Over Django's 2.5 MB, above which it would go there.
    data = photo(size=(1500, 1000), noise=1500 * 1000 * 3, kind="PNG")
    assert len(data) > 2_621_440
    sent = fields(photo=upload(data, "a.png"), alt="Noise", do="publish")
    assert team.client.post(team.new_update(), sent).status_code == 302
    assert opened == []
    assert list(watched.iterdir()) == []
    assert SiteImage.objects.count() == 1
