"""A picture is decoded once on its way from a form to the disk, and its name is still known when it gets a title."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.models import Collection

from cms.base.images import SiteImage
from cms.base.pictures import picture_clean
from tests import factories, samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The sizes of the pictures that were made from nothing but pixels."""
    sizes: list[tuple[int, int]] = []
    make = Image.frombytes

    def counting(mode: str, size: tuple[int, int], *rest: Any) -> Image.Image:
        sizes.append(size)
        return make(mode, size, *rest)

    monkeypatch.setattr(Image, "frombytes", counting)
    return sizes


@pytest.mark.parametrize(("path", "model"), [("images", SiteImage), ("documents", get_document_model())])
def test_one_upload_is_decoded_once(
    decoded: list[tuple[int, int]], path: str, model: Any, tmp_path: Any, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = factories.client_of(factories.user(superuser=True))
    file = SimpleUploadedFile("IMG_0001 at home.jpg", samples.jpeg())
    form = {"title": "IMG 0001 at home", "collection": Collection.get_first_root_node().pk, "tags": "", "file": file}
    assert client.post(f"/admin/{path}/add/", form).status_code == 302
    assert len(decoded) == 1
    stored = model.objects.get()
    assert stored.title == {"images": "Picture", "documents": "Document"}[path]
    assert stored.file.name.endswith(".jpg")
    with stored.file.open() as kept:
        assert samples.CANARY not in kept.read()


def test_what_is_clean_is_not_cleaned_again(decoded: list[tuple[int, int]]) -> None:
    once = picture_clean(SimpleUploadedFile("a.png", samples.png()))
    once.read()
    assert picture_clean(once) is once
    assert (len(decoded), once.name, once.extension) == (1, "a.png", "png")
    with Image.open(once) as opened:
        assert opened.size == decoded[0]
