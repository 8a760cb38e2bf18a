"""Published pictures are served; originals and documents are not."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents.models import Document

from cms.base.images import SiteImage
from tests import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(tmp_path: Path, settings: Any) -> SiteImage:
    settings.MEDIA_ROOT = str(tmp_path)
    return SiteImage.objects.create(
        title="A hall", description="A hall", file=ContentFile(samples.jpeg(), name="hall.jpg"), width=1, height=1
    )


def test_a_rendition_is_served_without_a_time(picture: SiteImage) -> None:
    rendition = picture.get_rendition("width-20")
    response = Client().get(rendition.url)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Last-Modified" not in response.headers
    assert b"".join(response.streaming_content) == Path(rendition.file.path).read_bytes()  # type: ignore[attr-defined]


def test_originals_documents_and_other_places_are_not(picture: SiteImage, tmp_path: Path) -> None:
    document = Document.objects.create(title="Minutes", file=ContentFile(b"minutes", name="minutes.txt"))
    (tmp_path / "images").mkdir(exist_ok=True)
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    assert Path(picture.file.path).exists()
    assert Path(document.file.path).exists()
    for path in (picture.file.url, document.file.url, "/media/images/", "/media/images/none.jpg", "/media/"):
        assert Client().get(path).status_code == 404, path
    for path in ("/media/images/../secret.txt", "/media/images/%2e%2e/secret.txt", "/media/images/..%2fsecret.txt"):
        assert Client().get(path).status_code == 404, path
