"""Telling, from the first question to the receipt."""

import re
from typing import Any

import pytest

from coalition.intake.models import Submission
from tests.coalition.intake.teller import FULL, Teller, told, words_on

pytestmark = pytest.mark.django_db
STEPS = ["what", "work", "technology", "harm", "where", "when", "employer", "files", "use", "reach"]


@pytest.fixture
def teller() -> Teller:
    return Teller()


def test_one_question_a_page_leads_to_the_receipt(teller: Teller) -> None:
    for here, following in zip(STEPS, [*STEPS[1:], ""], strict=True):
        answer = teller.post(f"/tell/{here}/", {**FULL, "do": "next"})
        assert answer.status_code == 302
        assert answer.headers["Location"] == (f"/tell/{following}/" if following else "/tell/check/")
    checked = teller.get("/tell/check/").content.decode()
    for said in ("They count my steps with a badge.", "I clean rooms", "March 2026", "Nevada", "robin@example.org"):
        assert said in checked
    receipt = teller.post("/tell/send/", form="/tell/check/")
    assert receipt.status_code == 200
    words = words_on(receipt)
    submission = Submission.objects.get()
    assert submission.state == "received"
    assert submission.open("answers")["text"] == "They count my steps with a badge."
    assert submission.open("answers")["month"] == 3
    assert submission.open("contact") == {"name": "Robin", "reach": "robin@example.org"}
    assert "contact" not in submission.open("answers")
    assert teller.returns(words).headers["Location"] == "/return/home/"


def test_nothing_is_required_but_what_happened(teller: Teller) -> None:
    empty = teller.post("/tell/what/", {"text": " "})
    assert empty.status_code == 422
    assert "One sentence is enough." in empty.content.decode()
    words = teller.tells(**{**dict.fromkeys(FULL, ""), "text": "Only this."})
    assert len(words) == 9
    assert Submission.objects.get().open("contact") == {"name": "", "reach": ""}


def test_going_back_keeps_what_was_typed(teller: Teller) -> None:
    teller.post("/tell/what/", {"text": "One."})
    back = teller.post("/tell/when/", {"month": "5", "year": "x", "do": "back"})
    assert back.headers["Location"] == "/tell/where/"
    page = teller.get("/tell/when/").content.decode()
    assert '<option value="5" selected>' in page
    assert ">One.</textarea>" in teller.get("/tell/what/").content.decode().replace("\n", "")


def test_the_page_that_asks_all_at_once_shows_what_was_answered_one_by_one(teller: Teller) -> None:
    teller.post("/tell/what/", {"text": "They count my steps."})
    teller.post("/tell/when/", {"month": "3", "year": "2026"})
    page = teller.get("/tell/all/").content.decode()
    assert re.search(r"<textarea[^>]*>\s*They count my steps\.</textarea>", page)
    assert re.search(r'<option value="3" selected>', page)


def test_a_change_leads_back_to_all_answers(teller: Teller) -> None:
    teller.post("/tell/what/", {"text": "One."})
    changed = teller.post("/tell/what/", {"text": "Two.", "to": "check"})
    assert changed.headers["Location"] == "/tell/check/"
    assert "Two." in teller.get("/tell/check/").content.decode()


def test_sending_twice_shows_one_receipt(teller: Teller) -> None:
    teller.post("/tell/what/", {"text": "One."})
    token = teller.token("/tell/check/")
    held = teller.client.cookies["__Host-draft"].value
    first = words_on(teller.post("/tell/send/", form="/tell/check/"))
    # The answer was lost: the browser still has the cookie, and sends again.
    teller.client.cookies["__Host-draft"] = held
    again = teller.client.post("/tell/send/", {"csrfmiddlewaretoken": token}, secure=True)
    assert words_on(again) == first
    assert Submission.objects.count() == 1


def test_all_at_once_sent_twice_is_one(teller: Teller) -> None:
    token = teller.token("/tell/all/")
    held = teller.client.cookies["__Host-draft"].value
    receipts = []
    for _press in range(2):
        teller.client.cookies["__Host-draft"] = held
        data = {**FULL, "csrfmiddlewaretoken": token}
        receipts.append(words_on(teller.client.post("/tell/all/", data, secure=True)))
    assert receipts[0] == receipts[1]
    assert Submission.objects.count() == 1


def test_the_receipt_ends_the_cookie_and_says_nothing_of_where_it_is_from(teller: Teller) -> None:
    receipt = teller.post("/tell/all/", FULL)
    assert receipt.cookies["__Host-draft"].value == ""
    assert receipt.cookies["__Host-draft"]["max-age"] == 0
    page = receipt.content.decode()
    assert page.partition("<title>")[2].partition("</title>")[0].strip() == "Nine words"
    assert page.partition("<h1>")[2].partition("</h1>")[0].strip() == "Nine words"


def test_saved_for_later_it_goes_on_with_the_code_that_the_receipt_will_show(teller: Teller) -> None:
    saved = teller.post("/tell/what/", {"text": "One.", "do": "later"})
    words = words_on(saved)
    assert saved.cookies["__Host-draft"].value == ""
    other = Teller()
    assert other.returns(words).headers["Location"] == "/tell/check/"
    assert "One." in other.get("/tell/check/").content.decode()
    other.post("/tell/what/", {"text": "One and two.", "do": "next"})
    assert words_on(other.post("/tell/send/", form="/tell/check/")) == words
    assert Submission.objects.get().open("answers")["text"] == "One and two."
    assert Teller().returns(words).headers["Location"] == "/return/home/"


def test_a_draft_can_be_deleted(teller: Teller) -> None:
    teller.post("/tell/what/", {"text": "One."})
    gone = teller.post("/tell/discard/")
    assert gone.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert Submission.objects.count() == 0


def test_the_code_is_of_the_language_in_which_one_tells() -> None:
    spanish = Teller(HTTP_ACCEPT_LANGUAGE="es")
    words = spanish.tells()
    assert Submission.objects.get().language == "es"
    assert Teller().returns(words).headers["Location"] == "/return/home/"


def test_a_token_that_is_old_keeps_what_was_typed(teller: Teller) -> None:
    teller.get("/tell/what/")
    for path in ("/tell/what/", "/tell/all/"):
        wrong = teller.client.post(path, {"csrfmiddlewaretoken": "x" * 64, "text": "Kept words."}, secure=True)
        assert wrong.status_code == 403
        assert "Kept words." in wrong.content.decode()
    assert Submission.objects.count() == 0


def test_another_sites_form_is_refused(teller: Teller) -> None:
    refused = teller.post("/tell/all/", FULL, HTTP_ORIGIN="https://evil.example", HTTP_SEC_FETCH_SITE="cross-site")
    assert refused.status_code == 403
    refused = teller.post("/tell/all/", FULL, HTTP_ORIGIN="null", HTTP_SEC_FETCH_SITE="cross-site")
    assert refused.status_code == 403
    assert Submission.objects.count() == 0


def test_too_much_at_once_keeps_what_was_typed(teller: Teller, settings: Any) -> None:
    settings.INTAKE_LIMITS = 0
    limited = teller.post("/tell/all/", {**FULL, "text": "Kept words."}, REMOTE_ADDR="203.0.113.9")
    assert limited.status_code == 429
    assert "Kept words." in limited.content.decode()
    assert Submission.objects.count() == 0


def test_plain_http_is_closed_except_on_this_machine_and_onion_services(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Teller().client
    for path in ("/tell/", "/tell/what/", "/return/", "/leave/"):
        closed = client.get(path, headers={"host": "coalition.example"})
        assert closed.status_code == 403
        assert f'href="https://coalition.example{path}"' in closed.content.decode()
        assert closed.headers["Cache-Control"] == "no-store"
        for host in ("localhost:8000", "127.0.0.1", "[::1]:80", "abc.onion"):
            assert client.get(path, headers={"host": host}).status_code in (200, 303)
    assert "set-cookie" not in closed.headers


def test_whoever_has_signed_in_is_nobody_here(settings: Any) -> None:
    from tests import factories

    teller = Teller()
    teller.client.force_login(factories.user("robin@example.org"))
    from coalition.accounts.models import Session

    before = list(Session.objects.values())
    page = teller.post("/tell/all/", FULL)
    assert page.status_code == 200
    assert settings.SESSION_COOKIE_NAME not in page.cookies
    assert list(Session.objects.values()) == before


def test_messages_and_withdrawing_by_code() -> None:
    submission, words = told()
    teller = Teller()
    teller.returns(words)
    home = teller.get("/return/home/").content.decode()
    assert "It has arrived. Nobody has read it yet." in home
    assert teller.post("/return/message/", {"text": "And one more thing."}, form="/return/home/").status_code == 302
    assert "And one more thing." in teller.get("/return/home/").content.decode()
    assert submission.messages.get().open("text") == "And one more thing."
    taken = teller.get("/return/words/")
    assert "They count my steps with a badge." in taken.content.decode()
    assert "And one more thing." in taken.content.decode()
    assert taken.headers["Content-Disposition"] == 'attachment; filename="notes.txt"'
    gone = teller.post("/return/withdraw/")
    assert gone.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert Submission.objects.count() == 0
    assert Teller().returns(words).status_code == 422
    assert teller.get("/return/home/").headers["Location"] == "/return/"


def test_the_employer_and_whether_to_name_it_are_there_when_one_comes_back(teller: Teller) -> None:
    teller.post("/tell/employer/", {"employer": "Grand Hotel", "naming": "ask"})
    page = teller.get("/tell/employer/").content.decode()
    assert re.search(r'<input[^>]*name="employer"[^>]*value="Grand Hotel"', page)
    assert re.search(r'<input[^>]*value="ask"[^>]*checked', page)
