"""Files from the form to the copy: without scripts, in pieces, by code, and for moderators."""

import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from coalition.accounts.models import User
from coalition.intake.evidence.chunks import CHUNK, STRIDE
from coalition.intake.evidence.keeping import files_sweep
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import _checks as checks
from coalition.intake.evidence.sharing import copies_waiting, copy_make, on_opening, open_copy
from coalition.intake.evidence.tasks import copies_see
from coalition.intake.evidence.vault import files_remove
from coalition.intake.keeping import due_erase
from coalition.intake.models import Submission
from coalition.intake.reading.assigning import submission_take
from coalition.intake.reading.models import Opening
from coalition.intake.sealing import SealBrokenError
from coalition.intake.states import By, Step
from coalition.intake.submissions import submission_move
from tests import samples
from tests.coalition.intake.evidence.conftest import send, told_with, upload
from tests.coalition.intake.teller import Teller
from tests.safety.clock import around, at
from tests.safety.faults import away, failing

pytestmark = pytest.mark.django_db
PIECE = 4 * CHUNK


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def padded(size: int) -> bytes:
    """Return a WAV of this size."""
    whole = samples.wav()
    return whole + bytes(index % 251 for index in range(size - len(whole)))


def test_a_form_without_scripts_sends_files_that_one_sees_and_takes_out(vault: Path) -> None:
    teller = Teller()
    teller.post("/tell/what/", {"text": "They count my steps."})
    response = send(teller, upload(samples.jpeg()), upload(samples.pdf(), "pay slip.pdf"))
    assert (response.status_code, response.headers["Location"]) == (302, "/tell/files/")
    page = teller.get("/tell/files/").content.decode()
    assert "IMG_0001 Maria at work.jpg" in page
    check = teller.get("/tell/check/").content.decode()
    assert "pay slip.pdf (" in check
    assert len(list(vault.iterdir())) == 2
    for path in vault.iterdir():
        assert path.stat().st_size == STRIDE
        assert path.stat().st_mode & 0o777 == 0o600
        assert samples.CANARY not in path.read_bytes()
    assert vault.stat().st_mode & 0o777 == 0o700
    first = Evidence.objects.first()
    assert first is not None
    assert teller.post("/tell/files/", {"do": "remove", "file": str(first.pk)}).status_code == 302
    assert (Evidence.objects.count(), len(list(vault.iterdir()))) == (1, 1)


def test_buttons_lead_on_and_back_and_keep_what_was_chosen() -> None:
    teller = Teller()
    assert send(teller, upload(samples.jpeg()), do="next").headers["Location"] == "/tell/use/"
    assert send(teller, do="back").headers["Location"] == "/tell/employer/"
    to_check = teller.post("/tell/files/", {"do": "next", "to": "check"})
    assert to_check.headers["Location"] == "/tell/check/"
    more = teller.post("/tell/files/", {"do": "add", "to": "check", "files": [upload(samples.png())]})
    assert more.headers["Location"] == "/tell/files/?to=check"
    assert Evidence.objects.count() == 2


def test_one_gets_ones_own_file_as_it_was_with_its_sum_and_day() -> None:
    data = samples.heic()
    _submission, _words, back = told_with(upload(data))
    row = Evidence.objects.get()
    home = back.get("/return/home/").content.decode()
    assert hashlib.sha256(data).hexdigest() in home
    response = back.get(f"/return/files/{row.pk}/")
    assert body(response) == data
    assert response.headers["Content-Disposition"] == 'attachment; filename="1.heic"'
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.promise("files-sealed")
def test_nobody_else_gets_the_original(moderator: Client) -> None:
    told_with(upload(samples.jpeg()))
    row = Evidence.objects.get()
    other = Teller()
    other.returns(other.tells())
    assert other.get(f"/return/files/{row.pk}/").status_code == 404
    assert other.get(f"/return/files/{row.pk}/piece/").status_code == 404
    assert Teller().get(f"/return/files/{row.pk}/").headers["Location"] == "/return/"
    assert moderator.get(f"/return/files/{row.pk}/", secure=True).headers["Location"] == "/return/"
    other.post("/return/files/", {"do": "remove", "file": str(row.pk)})
    assert Evidence.objects.count() == 1


def test_files_are_added_later_by_code() -> None:
    _submission, _words, back = told_with(upload(samples.jpeg()))
    assert send(back, upload(samples.mp3(), "a.mp3"), path="/return/files/").status_code == 302
    assert sorted(each.open("about")["kind"] for each in Evidence.objects.all()) == ["jpeg", "mp3"]


def begin(teller: Teller, data: bytes, **more: Any) -> Any:
    fields = {"do": "begin", "name": "a.wav", "size": len(data), "declared": "audio/wav", "mark": "1", **more}
    return teller.post("/tell/files/", fields).json()


def put(teller: Teller, address: str, offset: int | str, data: bytes, token: str) -> Any:
    return teller.client.post(
        address,
        data,
        content_type="application/octet-stream",
        secure=True,
        HTTP_UPLOAD_OFFSET=str(offset),
        HTTP_X_CSRFTOKEN=token,
        HTTP_ORIGIN="null",
        HTTP_SEC_FETCH_SITE="same-origin",
    )


def test_pieces_go_on_where_the_line_broke() -> None:
    data, teller = padded(2 * PIECE + 4711), Teller()
    begun = begin(teller, data)
    assert (begun["offset"], begun["piece"]) == (0, PIECE)
    address, token = begun["address"], teller.token("/tell/files/")
    assert put(teller, address, 0, data[:PIECE], token).json() == {"offset": PIECE, "is_whole": False}
    # Its answer was lost: the same piece again, and a piece too far on, are told where it stands.
    assert put(teller, address, 0, data[:PIECE], token).json() == {"offset": PIECE}
    assert put(teller, address, 2 * PIECE, data[2 * PIECE :], token).status_code == 409
    assert teller.get(address).json() == {"offset": PIECE}
    # The page was loaded anew and the same file chosen; another one begins anew.
    assert begin(teller, data)["offset"] == PIECE
    assert begin(teller, data, mark="2")["offset"] == 0
    for offset in (PIECE, 2 * PIECE):
        answer = put(teller, address, offset, data[offset : offset + PIECE], token).json()
    assert answer == {"offset": len(data), "is_whole": True}
    row = Evidence.objects.get(state="whole")
    assert row.open("about")["sha256"] == hashlib.sha256(data).hexdigest()
    assert "mark" not in row.open("about")
    assert teller.get(address).json() == {"offset": len(data)}
    # So is whoever did not hear that it was the last one.
    again = put(teller, address, 2 * PIECE, data[2 * PIECE :], token)
    assert (again.status_code, again.json()) == (409, {"offset": len(data)})
    assert Evidence.objects.get(state="whole").open("about")["sha256"] == row.open("about")["sha256"]
    teller.post("/tell/what/", {"text": "One."})
    assert "a.wav (" in teller.get("/tell/check/").content.decode()


def test_a_piece_torn_by_a_crash_is_written_again(vault: Path) -> None:
    data, teller = padded(PIECE + 10), Teller()
    begun, token = begin(teller, data), teller.token("/tell/files/")
    put(teller, begun["address"], 0, data[:PIECE], token)
    row = Evidence.objects.get()
    with (vault / row.file.hex).open("ab") as file:
        file.write(b"torn")
    assert put(teller, begun["address"], PIECE, data[PIECE:], token).json()["is_whole"]


def test_pieces_that_cannot_be_taken_now_or_ever() -> None:
    data, teller = padded(PIECE + 10), Teller()
    address, token = begin(teller, data)["address"], teller.token("/tell/files/")
    with failing("intake_evidence", away()):
        answer = put(teller, address, 0, data[:PIECE], token)
    assert answer.status_code == 503
    assert answer.json() == {
        "problem": "This could not be saved just now. What you wrote is still here: wait a minute, then press again."
    }
    for offset in ("", "x", "1.5"):
        assert put(teller, address, offset, data[:PIECE], token).status_code == 404
    assert put(teller, address, 0, data[:PIECE], token).json() == {"offset": PIECE, "is_whole": False}
    assert teller.post("/tell/files/", {"do": "begin", "size": "x", "mark": "m"}).status_code == 404
    # Sent in another window meanwhile: it can still come. Taken back: it cannot.
    Submission.objects.update(state="withdrawn")
    assert put(teller, address, PIECE, data[PIECE:], token).status_code == 404


def test_a_file_of_no_kind_that_is_taken_is_refused_by_its_first_piece() -> None:
    data, teller = b"MZ" * PIECE, Teller()
    address, token = begin(teller, data)["address"], teller.token("/tell/files/")
    answer = put(teller, address, 0, data[:PIECE], token)
    assert answer.status_code == 422
    assert "problem" in answer.json()
    assert teller.get(address).status_code == 404
    assert not Evidence.objects.exists()


def test_pieces_need_the_token_and_the_drafts_cookie() -> None:
    data, teller = padded(PIECE + 10), Teller()
    address = begin(teller, data)["address"]
    assert put(teller, address, 0, data[:PIECE], "x" * 64).status_code == 403
    other = Teller()
    assert put(other, address, 0, data[:PIECE], other.token("/tell/what/")).status_code == 404
    assert Evidence.objects.get().chunks == 0


def test_a_form_without_a_token_leaves_nothing(vault: Path) -> None:
    teller = Teller()
    teller.get("/tell/files/")
    response = teller.client.post("/tell/files/", {"files": upload(samples.jpeg())}, secure=True)
    assert response.status_code == 403
    assert "press again" in response.content.decode()
    assert list(vault.iterdir()) == []
    assert Evidence.objects.count() == 0


@pytest.mark.promise("files-clean")
def test_moderators_get_a_clean_copy_with_a_name_that_says_nothing(moderator: Client) -> None:
    submission, _words, _back = told_with(upload(samples.jpeg()))
    row = Evidence.objects.get()
    address = f"/moderation/files/{row.pk}/"
    assert moderator.get(address).status_code == 404
    copies_see()
    row.refresh_from_db()
    assert (row.copying, copies_waiting()) == ("made", [])
    # Like the words: to whoever has it in hand, and the log says so.
    assert moderator.get(address).status_code == 404
    user = User.objects.get(pk=moderator.session["_auth_user_id"])
    submission_take(submission=submission, moderator=user)
    page = moderator.get(f"/moderation/{submission.pk}/").content.decode()
    assert address in page
    Opening.objects.all().delete()
    response = moderator.get(address)
    assert Opening.objects.get().who == user
    data = body(response)
    assert samples.CANARY not in data
    assert data == b"".join(open_copy(row))
    assert response.headers["Content-Disposition"] == 'attachment; filename="file.jpg"'
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "/login/" in Client().get(address).headers["Location"]

    @on_opening
    def never(_user: Any, about: Submission) -> bool:
        return about.pk != submission.pk

    try:
        assert moderator.get(address).status_code == 404
    finally:
        checks.remove(never)


def test_no_copy_of_a_draft_and_none_where_none_can_be_made(moderator: Client) -> None:
    teller = Teller()
    film = samples.flac().replace(b"\xff\xf8", b"\x00\x00")
    send(teller, upload(film, "a.flac"))
    assert copies_waiting() == []
    teller.post("/tell/what/", {"text": "One."})
    teller.post("/tell/send/", form="/tell/check/")
    (pk,) = copies_waiting()
    assert copy_make(pk) == "none"
    assert copy_make(pk) == "none"
    assert moderator.get(f"/moderation/files/{pk}/").status_code == 404


def test_a_copy_that_ends_the_worker_is_given_up() -> None:
    told_with(upload(samples.jpeg()))
    Evidence.objects.update(attempts=3)
    copies_see()
    assert Evidence.objects.get().copying == "none"


def test_a_copy_is_begun_three_times() -> None:
    told_with(upload(samples.jpeg()))
    Evidence.objects.update(attempts=2)
    copies_see()
    assert (Evidence.objects.get().copying, Evidence.objects.get().attempts) == ("made", 3)


def test_of_a_long_name_its_end_is_kept() -> None:
    told_with(upload(samples.jpeg(), "a" * 50 + "b" * 196 + ".jpg"))
    assert Evidence.objects.get().open("about")["name"] == "b" * 196 + ".jpg"


def test_a_changed_file_is_given_to_nobody(vault: Path) -> None:
    _submission, _words, back = told_with(upload(samples.jpeg()))
    row = Evidence.objects.get()
    path = vault / row.file.hex
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(SealBrokenError):
        copy_make(row.pk)
    assert back.get(f"/return/files/{row.pk}/").status_code == 500


@pytest.mark.parametrize("what", ["withdrawn", "ninety days", "original"])
def test_files_go_with_what_they_belong_to(vault: Path, what: str) -> None:
    submission, _words, back = told_with(upload(samples.jpeg()))
    copies_see()
    assert len(list(vault.iterdir())) == 2
    if what == "withdrawn":
        back.post("/return/withdraw/")
    elif what == "ninety days":
        with at(around(timezone.localdate() + timedelta(days=90))[1]):
            due_erase()
    else:
        for step, by in ((Step.TAKE, By.MODERATOR), (Step.PROPOSE, By.MODERATOR), (Step.AGREE, By.TELLER)):
            submission_move(submission=submission, step=step, by=by)
        before, after = around(timezone.localdate() + timedelta(days=30))
        with at(before):
            assert due_erase() == 0
        assert len(list(vault.iterdir())) == 2
        with at(after):
            assert due_erase() == 1
            assert list(vault.iterdir()) == []
        # What comes after that has as long.
        assert send(back, upload(samples.png(), "a.png"), path="/return/files/").status_code == 302
        assert Submission.objects.get().original_until == timezone.localdate() + timedelta(days=30)
        with at(after):
            assert due_erase() == 1
        assert Submission.objects.count() == 1
    assert list(vault.iterdir()) == []
    assert Evidence.objects.count() == 0


def test_what_nothing_names_is_swept(vault: Path) -> None:
    told_with(upload(samples.jpeg()))
    teller = Teller()
    data = padded(PIECE + 1)
    put(teller, begin(teller, data)["address"], 0, data[:PIECE], teller.token("/tell/files/"))
    (vault / ("0" * 32)).write_bytes(b"orphan")
    (vault / ("1" * 32)).write_bytes(b"arriving")
    old = time.time() - 24 * 60 * 60 - 5
    os.utime(vault / ("0" * 32), (old, old))
    assert files_sweep() == 1
    assert files_sweep() == 0
    Evidence.objects.filter(state="arriving").update(day=timezone.localdate() - timedelta(days=2))
    assert files_sweep() == 1
    assert Evidence.objects.get().state == "whole"
    assert {path.name for path in vault.iterdir()} == {Evidence.objects.get().file.hex, "1" * 32}


def test_deleting_twice_is_deleting_once(vault: Path) -> None:
    told_with(upload(samples.jpeg()))
    row = Evidence.objects.get()
    files_remove([row.file])
    files_remove([row.file])
    assert list(vault.iterdir()) == []


@pytest.mark.parametrize("in_pieces", [False, True])
def test_the_time_of_a_file_says_the_day(vault: Path, django_capture_on_commit_callbacks: Any, in_pieces: bool) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        if in_pieces:
            data, teller = padded(PIECE), Teller()
            begun, token = begin(teller, data), teller.token("/tell/files/")
            assert put(teller, begun["address"], 0, data, token).json()["is_whole"]
        else:
            told_with(upload(samples.jpeg()))
    (path,) = vault.iterdir()
    moment = timezone.localtime(
        timezone.datetime.fromtimestamp(path.stat().st_mtime, tz=timezone.get_current_timezone())
    )
    assert (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    assert moment.date() == Evidence.objects.get().day
