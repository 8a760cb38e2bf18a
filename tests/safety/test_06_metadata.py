"""Promise 6: what is published carries no metadata and no file name; confidential files are never in clear."""

import io
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, UploadedFile
from wagtail.users.models import UserProfile

from cms.base.models import SiteImage
from cms.campaigns.models import CampaignUpdatePage
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import copy_make, copy_opened
from tests import factories, samples
from tests.coalition.intake.evidence.conftest import send, told_with, upload
from tests.coalition.intake.publishing.stories import client_of, moderator
from tests.coalition.intake.teller import Teller
from tests.coalition.organizing.conftest import Team, fields
from tests.safety import pictures

pytestmark = pytest.mark.django_db
CANARY = samples.CANARY
NAME = "canaryname-maria-at-work"
MARKS = (CANARY, b"Exif\x00", b"EXIF", b"eXIf", b"xmpmeta", b"8BIM", b"JFXX", NAME.encode())
# What templates and Wagtail's admin ask for, and other formats than the picture's own.
SPECS = ["width-480", "width-960", "max-320x320", "max-165x165", "max-800x600", "original", "fill-80x80|format-jpeg"]
SPECS += [
    "width-200|format-webp",
    "width-200|format-png",
    "width-200|format-jpeg|bgcolor-ffffff",
    "width-100|format-avif",
]
PICTURES: dict[str, Callable[[], bytes]] = {
    **samples.PICTURES,
    "gif": samples.gif,
    "animated.webp": lambda: samples.webp(animated=True),
    "frames.tiff": lambda: samples.tiff(frames=3),
}
ADMITTED = ["jpg", "png", "webp", "heic", "tiff", "gif", "animated.webp", "frames.tiff"]


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INTAKE_FILES = tmp_path / "files"
    return tmp_path / "media"


@pytest.fixture
def editor(db: None) -> Client:
    return factories.client_of(factories.user("editor@example.org", superuser=True))


def sent(kind: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{NAME}.{kind}", data, content_type=f"image/{kind}")


def telling(folder: Path) -> list[str]:
    """Return the files below a folder that say what they should not: in bytes, in tags, in their names."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            said = [mark for mark in MARKS if mark in data or mark in str(path.relative_to(folder)).encode()]
            if said or _tags(data):
                found.append(f"{path.name}: {said} {_tags(data)}")
    return found


def _tags(data: bytes) -> list[str]:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            shown = {"icc_profile", "exif", "xmp", "comment", "photoshop", "Author", "XML:com.adobe.xmp"}
            return sorted(shown & {name for name, value in picture.info.items() if value}) + list(picture.getexif())
    except OSError:
        return []


@pytest.mark.parametrize("kind", list(PICTURES))
def test_the_search_finds_what_was_put_there(media: Path, kind: str) -> None:
    """The positive control: the same bytes without our cleaning are found."""
    media.mkdir()
    (media / "a").write_bytes(PICTURES[kind]())
    assert len(telling(media)) == 1
    (media / "a").write_bytes(b"")
    (media / f"{NAME}.jpg").write_bytes(b"")
    assert len(telling(media)) == 1


@pytest.mark.promise("pictures-clean")
@pytest.mark.parametrize("kind", list(PICTURES))
def test_neither_a_stored_picture_nor_any_rendition_says_anything(media: Path, kind: str) -> None:
    image = SiteImage(title="A banner", file=sent(kind, PICTURES[kind]()))
    image.save()
    for spec in SPECS:
        image.get_rendition(spec)
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1 + len(SPECS)
    assert telling(media) == []


@pytest.mark.parametrize("kind", ADMITTED)
def test_the_editors_door_for_pictures(editor: Client, media: Path, kind: str) -> None:
    data = {"title": f"{NAME}.{kind}", "files[]": sent(kind, PICTURES[kind]())}
    headers = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}
    answer = editor.post("/admin/images/multiple/add/", data, **headers)
    assert answer.json()["success"] is True
    image = SiteImage.objects.get()
    for spec in SPECS:
        image.get_rendition(spec)
    assert telling(media) == []
    assert NAME not in image.title
    # Replaced by another: the first one's files go.
    before = {path for path in media.rglob("*") if path.is_file()}
    form = {
        "title": "B",
        "description": "",
        "credit": "",
        "collection": Collection.get_first_root_node().pk,
        "tags": "",
    }
    editor.post(f"/admin/images/{image.pk}/", {**form, "file": sent(kind, PICTURES[kind]())})
    assert telling(media) == []
    assert {path for path in media.rglob("*") if path.is_file()} != before


def test_a_picture_is_never_described_by_its_files_name(media: Path) -> None:
    image = SiteImage(title=NAME.replace("-", " ").title(), file=sent("jpg", samples.jpeg()))
    image.save()
    for title in (image.title, image.default_alt_text, image.get_rendition("width-100").img_tag()):
        assert "canaryname" not in title.lower()
    image.title = "What editors call it"
    assert image.default_alt_text == ""
    assert 'alt=""' in image.get_rendition("width-100").img_tag()


@pytest.mark.parametrize("kind", list(PICTURES))
def test_the_editors_door_for_documents(editor: Client, media: Path, kind: str) -> None:
    data = {"title": f"{NAME}.{kind}", "files[]": sent(kind, PICTURES[kind]())}
    answer = editor.post("/admin/documents/multiple/add/", data, HTTP_X_REQUESTED_WITH="XMLHttpRequest")
    assert answer.json()["success"] is True
    document = Document.objects.get()
    assert telling(media) == []
    response = Client().get(document.url)
    served = b"".join(response.streaming_content)
    assert CANARY not in served
    assert document.file_size == len(served)
    assert NAME not in f"{document.url} {document.title} {response.headers}"


def test_a_document_that_is_no_picture_stays_as_it_is_and_loses_its_name(media: Path) -> None:
    document = Document(title="Contract", file=SimpleUploadedFile(f"{NAME}.pdf", b"%PDF-1.7 whatever"))
    document.save()
    (path,) = [path for path in media.rglob("*") if path.is_file()]
    assert path.read_bytes() == b"%PDF-1.7 whatever"
    assert path.suffix == ".pdf"
    assert (NAME in document.url, document.title) == (False, "Contract")


def test_a_document_of_a_private_collection_is_private(media: Path) -> None:
    private = Collection.get_first_root_node().add_child(name="Private")
    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    document = Document(title="A", file=SimpleUploadedFile("a.pdf", b"%PDF-1.7"), collection=private)
    document.save()
    response = Client().get(document.url)
    assert response.status_code == 302
    assert "/login/" in response.headers["Location"]
    assert Client().get(f"/media/{document.file.name}").status_code == 404


def test_what_wagtail_puts_aside_and_pictures_of_people(media: Path) -> None:
    user = factories.user("somebody@example.org")
    UploadedFile(file=sent("jpg", samples.jpeg()), uploaded_by_user=user).save()
    UserProfile(user=user, avatar=sent("png", samples.png())).save()
    assert len([path for path in media.rglob("*") if path.is_file()]) == 2
    assert telling(media) == []


def test_a_picture_of_too_many_pixels_is_not_decoded(editor: Client, media: Path) -> None:
    from tests.safety.test_07_bad_files import huge

    data = {"title": "A", "files[]": sent("png", huge())}
    answer = editor.post("/admin/images/multiple/add/", data, HTTP_X_REQUESTED_WITH="XMLHttpRequest")
    assert answer.json()["success"] is False
    assert not media.exists() or list(media.rglob("*.*")) == []


# --- each format, each place in it, each door ---------------------------------------------------------------------


def stored(media: Path) -> list[bytes]:
    """Return what lies in the public folder."""
    return [path.read_bytes() for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", list(pictures.EVERY))
def test_each_place_is_really_there_and_found(kind: str) -> None:
    """The positive control: before anything is cleaned, both ways of looking find every place that the format has."""
    data = pictures.EVERY[kind]()
    assert pictures.in_bytes(data) == pictures.SAID[kind]
    assert pictures.in_tags(data) >= pictures.SAID[kind]


def editors_door(media: Path, kind: str, data: bytes) -> list[bytes]:
    """Give a picture to Wagtail, and have it drawn in every size and format that anybody asks for."""
    editor = factories.client_of(factories.user("editor@example.org", superuser=True))
    sent_along = {"title": "A banner", "files[]": sent(kind, data)}
    answer = editor.post("/admin/images/multiple/add/", sent_along, HTTP_X_REQUESTED_WITH="XMLHttpRequest")
    assert answer.json()["success"] is True
    for spec in SPECS:
        SiteImage.objects.get().get_rendition(spec)
    assert len(stored(media)) == 1 + len(SPECS)
    return stored(media)


def organizers_door(media: Path, kind: str, data: bytes) -> list[bytes]:
    """Publish an update with a photo; what readers are shown of it is drawn as they ask for it."""
    team = Team()
    form = fields(do="publish", photo=sent(kind, data), alt="Nurses before the hospital")
    assert team.client.post(team.new_update(), form).status_code == 302
    assert Client().get(CampaignUpdatePage.objects.latest("pk").url).status_code == 200
    assert len(stored(media)) > 1
    return stored(media)


def tellers_door(media: Path, kind: str, data: bytes) -> list[bytes]:
    """Send evidence, and have the copy made that moderators see."""
    assert send(Teller(), upload(data, f"{NAME}.{kind}")).status_code == 302
    evidence = Evidence.objects.get()
    assert copy_make(evidence.pk) == "made"
    evidence.refresh_from_db()
    assert stored(media) == []
    return [b"".join(copy_opened(evidence).pieces())]


DOORS = {"the editors'": editors_door, "the organizers'": organizers_door, "the tellers'": tellers_door}


# Organizers' updates take no TIFF (what is refused: promise 7).
WAYS = [(door, kind) for door in DOORS for kind in pictures.EVERY if (door, kind) != ("the organizers'", "tiff")]


@pytest.mark.promise("pictures-clean")
@pytest.mark.parametrize(("door", "kind"), WAYS)
def test_no_door_lets_any_of_it_through(media: Path, door: str, kind: str) -> None:
    data = pictures.EVERY[kind]()
    for file in DOORS[door](media, kind, data):
        assert pictures.in_bytes(file) == set()
        assert pictures.in_tags(file) == set()
        assert NAME.encode() not in file
    assert [path.name for path in media.rglob("*") if NAME in path.name] == []


@pytest.mark.promise("files-sealed")
def test_moderators_are_not_told_what_a_file_was_called() -> None:
    submission, _words, teller = told_with(upload(samples.jpeg(), f"{NAME}.jpg"))
    # Its owner sees it.
    assert NAME in teller.get("/return/home/").content.decode()
    client = client_of(moderator())
    client.post(f"/moderation/{submission.pk}/take/")
    for page in ("", "text/", "who/"):
        shown = client.get(f"/moderation/{submission.pk}/{page}")
        assert (shown.status_code, NAME in shown.content.decode()) == (200, False), page
    assert "File 1" in client.get(f"/moderation/{submission.pk}/").content.decode()


# --- confidential files ------------------------------------------------------------------------------------------


class Watch:
    """Reads every file of some folders again and again, and remembers which held the needle, if only for a moment."""

    def __init__(self, needle: bytes, *folders: Path) -> None:
        self.needle, self.folders = needle, folders
        self.seen: set[str] = set()
        self.names: set[str] = set()
        self.rounds = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.look()
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.002):
            self.look()

    def look(self) -> None:
        self.rounds += 1
        for folder in self.folders:
            for root, _folders, files in os.walk(folder):
                for name in files:
                    self.names.add(name)
                    try:
                        data = Path(root, name).read_bytes()
                    except OSError:
                        continue
                    if self.needle in data:
                        self.seen.add(name)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def large() -> bytes:
    """Return fifty megabytes of sound with the canary in every part of it."""
    most = 50 * 1024 * 1024
    whole = samples.wav()
    part = CANARY + bytes(4096 - len(CANARY))
    return (whole + part * (most // 4096))[:most]


@pytest.mark.promise("files-sealed")
def test_fifty_megabytes_arrive_and_no_file_ever_holds_them_in_clear(
    temporary: Path, settings: Any, tmp_path: Path
) -> None:
    data = large()
    with Watch(CANARY, temporary, Path(settings.INTAKE_FILES), Path(settings.MEDIA_ROOT)) as watch:
        assert send(Teller(), upload(data, "a.wav")).status_code == 302
    assert Evidence.objects.get().open("about")["size"] == len(data)
    assert watch.rounds > 3
    # It saw the encrypted file grow, and nothing else.
    assert watch.names == {Evidence.objects.get().file.hex}
    assert watch.seen == set()


def in_pieces(teller: Teller, path: str, data: bytes) -> int:
    """Send a file as the script does; return how many pieces it took."""
    form = {"do": "begin", "name": f"{NAME}.wav", "size": len(data), "declared": "audio/wav", "mark": "1"}
    begun = teller.post(path, form).json()
    token, address, offset, count = teller.token(path), begun["address"], 0, 0
    marks = {"HTTP_X_CSRFTOKEN": token, "HTTP_ORIGIN": "null", "content_type": "application/octet-stream"}
    while offset < len(data):
        piece = data[offset : offset + begun["piece"]]
        answer = teller.client.post(address, piece, secure=True, HTTP_UPLOAD_OFFSET=str(offset), **marks)
        assert answer.status_code == 200
        offset, count = answer.json()["offset"], count + 1
    assert answer.json()["is_whole"] is True
    return count


@pytest.mark.promise("files-sealed")
@pytest.mark.parametrize("path", ["/tell/files/", "/return/files/"])
def test_fifty_megabytes_arrive_in_pieces_and_no_file_ever_holds_one_in_clear(
    temporary: Path, settings: Any, path: str
) -> None:
    data, teller = large(), Teller()
    if path == "/return/files/":
        teller.returns(Teller().tells())
    with Watch(CANARY, temporary, Path(settings.INTAKE_FILES), Path(settings.MEDIA_ROOT)) as watch:
        assert in_pieces(teller, path, data) == 50
    evidence = Evidence.objects.get()
    assert (evidence.state, evidence.open("about")["size"]) == (Evidence.State.WHOLE, len(data))
    assert watch.rounds > 50
    assert watch.names == {evidence.file.hex}
    assert watch.seen == set()


def test_the_watch_sees_a_temporary_file(temporary: Path) -> None:
    """The positive control: Django's own way for large uploads is seen."""
    with Watch(CANARY, temporary) as watch, tempfile.NamedTemporaryFile() as file:
        file.write(large()[: 3 * 1024 * 1024])
        file.flush()
        time.sleep(0.1)
    assert len(watch.seen) == 1
