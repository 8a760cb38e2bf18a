"""A photo that no text names any more leaves neither row nor file; one that a draft or a kept text names stays."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from cms.base.models import SiteImage
from cms.campaigns.models import CampaignUpdatePage
from coalition.organizing.leftovers import photos_sweep
from tests import samples
from tests.coalition.organizing.conftest import Team, fields, version_on
from tests.coalition.organizing.test_photos import upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def swept(django_capture_on_commit_callbacks: Any) -> Any:
    def sweep() -> int:
        SiteImage.objects.update(created_at=timezone.now() - timedelta(days=2))
        with django_capture_on_commit_callbacks(execute=True):
            return photos_sweep()

    return sweep


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_what_a_draft_or_a_page_names_stays_and_what_is_replaced_goes(team: Team, media: Path, swept: Any) -> None:
    address = team.new_update()
    assert team.client.post(address, fields(photo=upload(samples.jpeg()), alt="A")).status_code == 302
    first = SiteImage.objects.get()
    first.get_rendition("width-100")
    assert (swept(), len(files(media))) == (0, 2)
    page = team.client.get(address)
    team.client.post(address, fields(do="publish", photo=upload(samples.png()), alt="B", version=version_on(page)))
    assert swept() == 1
    image = SiteImage.objects.get()
    assert image.pk != first.pk
    assert [path.name for path in files(media) if "original" in str(path)] == [Path(image.file.name).name]
    # Taken out of the draft, it stays while the page shows it.
    page = team.client.get(address)
    reference = page.context["form"]["photo_ref"].value()
    out = fields(photo_ref=reference, remove_photo="on", version=version_on(page))
    assert team.client.post(address, out).status_code == 302
    assert swept() == 0
    update = CampaignUpdatePage.objects.get()
    update.get_latest_revision().publish()
    assert swept() == 1
    assert (SiteImage.objects.count(), files(media)) == (0, [])


def test_what_goes_with_its_page_goes(team: Team, media: Path, swept: Any) -> None:
    team.client.post(team.new_update(), fields(do="publish", photo=upload(samples.jpeg()), alt="A"))
    CampaignUpdatePage.objects.get().delete()
    assert (swept(), files(media)) == (1, [])


def test_a_text_kept_beside_another_keeps_its_photo(team: Team, swept: Any) -> None:
    address = team.new_update()
    team.client.post(address, fields(title="First"))
    page = team.client.get(address)
    version = version_on(page)
    team.client.post(address, fields(title="Theirs", version=version))
    team.client.post(address, fields(title="Mine", photo=upload(samples.jpeg()), alt="A", version=version))
    assert CampaignUpdatePage.objects.get().get_latest_revision_as_object().title == "Theirs"
    assert (swept(), SiteImage.objects.count()) == (0, 1)


def test_the_editors_library_and_open_forms_are_left_alone(media: Path) -> None:
    SiteImage.objects.create(title="Library", file=ContentFile(samples.jpeg(), name="a"))
    SiteImage.objects.create(title="Open", file=ContentFile(samples.jpeg(), name="a"), is_loose=True)
    SiteImage.objects.filter(title="Library").update(created_at=timezone.now() - timedelta(days=99))
    assert (photos_sweep(), SiteImage.objects.count()) == (0, 2)
