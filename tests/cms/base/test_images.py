"""Pictures lose everything but their pixels before they are stored."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pytest_django import Settings

from cms.base.images import SiteImage, without_metadata

SECRET = "canary-4711"


def jpeg() -> bytes:
    picture = Image.new("RGB", (40, 20), "red")
    exif = picture.getexif()
    exif[0x010E] = SECRET  # ImageDescription
    exif[0x0112] = 6  # Orientation: turned by a quarter
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=SECRET.encode())
    return out.getvalue()


def png() -> bytes:
    info = PngInfo()
    info.add_text("Author", SECRET)
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


@pytest.mark.parametrize("data", [jpeg(), png()], ids=["jpeg", "png"])
def test_metadata_is_gone_from_the_bytes(data: bytes) -> None:
    assert SECRET.encode() in data
    clean, _extension = without_metadata(data)
    assert SECRET.encode() not in clean
    assert b"Exif" not in clean


def test_a_picture_is_turned_before_its_orientation_is_forgotten() -> None:
    clean, extension = without_metadata(jpeg())
    with Image.open(io.BytesIO(clean)) as opened:
        assert (opened.size, extension) == ((20, 40), "jpg")


@pytest.mark.django_db
def test_a_stored_picture_has_no_metadata_and_a_random_name(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    image = SiteImage(title="Picket line", file=SimpleUploadedFile("maria-at-work.jpg", jpeg(), "image/jpeg"))
    image.save()
    stored = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert "maria" not in str(stored[0])
    assert SECRET.encode() not in stored[0].read_bytes()
    assert (image.width, image.height) == (20, 40)
    rendition = image.get_rendition("width-10")
    assert SECRET.encode() not in (tmp_path / rendition.file.name).read_bytes()
    assert "maria" not in rendition.file.name
