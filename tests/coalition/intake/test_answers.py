"""What each door of telling and returning answers, where things do not go their usual way: statuses, ways on, words."""

import re
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from cms.taxonomy.schemes import Scheme
from coalition.intake.cookies import draft_cookie, ticket_end, ticket_set, visit_cookie, visit_set
from coalition.intake.drafts import Ticket
from coalition.intake.limits import LIMITS, is_limited
from coalition.intake.messages import MOST, message_write
from coalition.intake.models import Submission
from coalition.intake.publishing.fields import sha256
from coalition.intake.returning.visits import visit_begin, visit_forget, visit_of
from coalition.intake.telling.choices import labels
from tests.coalition.intake.publishing.stories import proposed
from tests.coalition.intake.teller import FULL, Teller, told, words_on
from tests.safety.faults import away, failing

pytestmark = pytest.mark.django_db
AWAY = "This could not be saved just now. What you wrote is still here: wait a minute, then press again."
LIMITED = "wait a quarter of an hour, then press again."
OLD = "This page was open for too long, or your browser takes no cookies. Nothing is lost: press again."


def said(response: Any) -> str:
    return str(response.content.decode()).replace("&#x27;", "'")


def test_while_the_database_is_away_each_form_comes_back_with_what_was_typed() -> None:
    teller = Teller()
    for form, data in (("/tell/what/", {"text": "Kept words."}), ("/tell/all/", {**FULL, "text": "Kept words."})):
        teller.token(form)
        token = teller.token(form)
        with failing("intake_submission", away()):
            answer = teller.client.post(form, {**data, "csrfmiddlewaretoken": token}, secure=True)
        assert answer.status_code == 503
        assert AWAY in said(answer)
        assert "Kept words." in said(answer)
        assert "__Host-draft" in answer.cookies
    token = teller.token("/return/")
    with failing("intake_submission", away()):
        answer = teller.client.post("/return/", {"code": "zoo " * 9, "csrfmiddlewaretoken": token}, secure=True)
    assert (answer.status_code, AWAY in said(answer), "zoo zoo" in said(answer)) == (503, True, True)


def test_while_the_database_is_away_sending_and_saving_can_be_pressed_again() -> None:
    teller = Teller()
    teller.post("/tell/what/", {"text": "One."})
    token = teller.token("/tell/check/")
    for path in ("/tell/send/", "/tell/later/"):
        with failing("intake_submission", away()):
            answer = teller.client.post(path, {"csrfmiddlewaretoken": token}, secure=True)
        assert (answer.status_code, AWAY in said(answer)) == (503, True)
        assert Submission.objects.get().state == "draft"
    saved = teller.client.post("/tell/later/", {"csrfmiddlewaretoken": token}, secure=True)
    assert len(words_on(saved)) == 9


def test_while_the_database_is_away_a_message_comes_back() -> None:
    submission, words = told()
    teller = Teller()
    teller.returns(words)
    token = teller.token("/return/home/")
    with failing("intake_message", away()):
        answer = teller.client.post(
            "/return/message/", {"text": "Kept words.", "csrfmiddlewaretoken": token}, secure=True
        )
    assert (answer.status_code, AWAY in said(answer), "Kept words." in said(answer)) == (503, True, True)
    assert submission.messages.count() == 0


@pytest.mark.usefixtures("without_stories")
@pytest.mark.parametrize("given", ["changes", "no"])
@pytest.mark.parametrize("table", ["intake_submission", "intake_message"])
def test_while_the_database_is_away_an_answer_to_a_text_comes_back_and_can_be_sent_again(
    given: str, table: str
) -> None:
    submission, words, content = proposed()
    teller = Teller()
    teller.returns(words)
    token = teller.token("/return/home/")
    data = {"answer": given, "text": "Kept words.", "seen": sha256(content).hex(), "csrfmiddlewaretoken": token}
    with failing(table, away()):
        answer = teller.client.post("/return/text/", data, secure=True)
    page = said(answer)
    assert (answer.status_code, AWAY in page, "Kept words." in page) == (503, True, True)
    assert re.search(rf'<input[^>]*value="{given}"[^>]*checked', page) is not None
    assert f'name="seen" value="{data["seen"]}"' in page
    # What is pressed again is the answer, not a message.
    assert re.findall(r'<form[^>]*action="(/return/[^"]*)"', page) == ["/return/text/"]
    assert Submission.objects.get(pk=submission.pk).state == "proposed"
    assert submission.messages.filter(from_teller=True).count() == 0
    assert teller.client.post("/return/text/", data, secure=True).headers["Location"] == "/return/home/"
    assert [each.open("text") for each in submission.messages.filter(from_teller=True)] == ["Kept words."]


@pytest.mark.usefixtures("without_stories")
@pytest.mark.parametrize("given", ["yes", "changes", "no"])
def test_answers_to_a_text_are_counted_as_messages(given: str, settings: Any) -> None:
    submission, words, content = proposed()
    teller = Teller()
    teller.returns(words)
    data = {"answer": given, "text": "Kept words.", "seen": sha256(content).hex()}
    data["csrfmiddlewaretoken"] = teller.token("/return/home/")
    settings.INTAKE_LIMITS = 0
    answer = teller.client.post("/return/text/", data, secure=True)
    assert (answer.status_code, LIMITED in said(answer), "Kept words." in said(answer)) == (429, True, True)
    assert submission.messages.filter(from_teller=True).count() == 0
    assert Submission.objects.get(pk=submission.pk).state == "proposed"


def test_leaving_works_while_the_database_is_away(settings: Any) -> None:
    _submission, words = told()
    teller = Teller()
    teller.returns(words)
    answer = teller.get("/leave/")
    assert (answer.status_code, answer.headers["Location"]) == (303, settings.EXIT_URL)
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert answer.cookies["__Host-visit"]["max-age"] == answer.cookies["__Host-draft"]["max-age"] == 0
    assert teller.get("/return/home/").headers["Location"] == "/return/"


def test_another_sites_picture_does_not_sign_anybody_out() -> None:
    answer = Teller().get("/leave/", HTTP_SEC_FETCH_SITE="cross-site")
    assert "Clear-Site-Data" not in answer.headers
    assert answer.cookies["__Host-draft"]["max-age"] == 0


def test_too_many_of_each_is_said_with_what_was_typed(settings: Any) -> None:
    submission, words = told()
    teller = Teller()
    teller.returns(words)
    teller.post("/tell/what/", {"text": "One."})
    token = teller.token("/tell/check/")
    settings.INTAKE_LIMITS = 0
    limited = {
        "/tell/send/": {},
        "/return/": {"code": "zoo " * 9},
        "/return/message/": {"text": "Kept words."},
    }
    for path, data in limited.items():
        answer = teller.client.post(path, {**data, "csrfmiddlewaretoken": token}, secure=True)
        assert (path, answer.status_code, LIMITED in said(answer)) == (path, 429, True)
        assert all(value.strip() in said(answer) for value in data.values())
    assert submission.messages.count() == 0
    assert Submission.objects.exclude(pk=submission.pk).get().state == "draft"


def test_a_conversation_that_is_full_keeps_what_was_typed() -> None:
    submission, words = told()
    last = message_write(submission=submission, text="The last.", from_teller=False)
    submission.messages.filter(pk=last.pk).update(number=MOST)
    teller = Teller()
    teller.returns(words)
    answer = teller.post("/return/message/", {"text": "Kept words."}, form="/return/home/")
    full = "There are too many messages here. Tell it as something new."
    assert (answer.status_code, full in said(answer), "Kept words." in said(answer)) == (409, True, True)
    assert re.findall(r'<form[^>]*action="(/return/message/)"', said(answer)) == ["/return/message/"]
    assert submission.messages.count() == 1


@pytest.mark.parametrize("code", ["zoo " * 9, "zoo", "%"])
def test_words_that_lead_nowhere_are_asked_for_again_with_how_many_there_are(code: str) -> None:
    answer = Teller().post("/return/", {"code": code})
    sentence = "Nothing is found with these words. Look at each of them once more: are there nine?"
    assert (answer.status_code, sentence in said(answer), code.strip() in said(answer)) == (422, True, True)


def test_an_old_token_brings_each_form_back() -> None:
    _submission, words = told()
    teller = Teller()
    teller.returns(words)
    teller.post("/tell/what/", {"text": "One."})
    wrong = {"csrfmiddlewaretoken": "x" * 64}
    for path, data, again in (
        ("/tell/what/", {"text": "Kept words."}, "Kept words."),
        ("/tell/all/", {"text": "Kept words."}, "Kept words."),
        ("/return/", {"code": "kept words"}, "kept words"),
    ):
        answer = teller.client.post(path, {**data, **wrong}, secure=True)
        assert (path, answer.status_code, OLD in said(answer), again in said(answer)) == (path, 403, True, True)
    for path in ("/return/message/", "/return/text/"):
        answer = teller.client.post(path, {"text": "Kept words.", **wrong}, secure=True)
        assert (path, answer.status_code, "Kept words." in said(answer)) == (path, 403, True)
    for path, way in (
        ("/return/withdraw/", "/return/home/"),
        ("/return/close/", "/return/home/"),
        ("/tell/send/", "/tell/check/"),
        ("/tell/discard/", "/tell/check/"),
    ):
        assert teller.client.post(path, wrong, secure=True).headers["Location"] == way


def test_what_has_no_draft_leads_to_the_beginning() -> None:
    teller = Teller()
    assert teller.get("/tell/check/").headers["Location"] == "/tell/"
    assert teller.get("/tell/discard/").headers["Location"] == "/tell/"
    token = teller.token("/tell/all/")
    for path in ("/tell/send/", "/tell/later/"):
        assert teller.client.post(path, {"csrfmiddlewaretoken": token}, secure=True).headers["Location"] == "/tell/"
    assert teller.get("/tell/nothing/").status_code == 404
    assert teller.get("/return/message/").status_code == 405
    assert Teller().get("/return/words/").headers["Location"] == "/return/"


def test_a_draft_that_says_nothing_is_not_sent() -> None:
    teller = Teller()
    teller.post("/tell/work/", {"industry_words": "I clean"})
    token = teller.token("/tell/work/")
    sent = teller.client.post("/tell/send/", {"csrfmiddlewaretoken": token}, secure=True)
    assert sent.headers["Location"] == "/tell/what/"
    assert Submission.objects.get().state == "draft"


def test_what_is_sent_already_leads_to_all_answers_and_is_not_changed() -> None:
    teller = Teller()
    teller.post("/tell/what/", {"text": "One."})
    token = teller.token("/tell/check/")
    held = teller.client.cookies["__Host-draft"].value
    words_on(teller.client.post("/tell/send/", {"csrfmiddlewaretoken": token}, secure=True))
    teller.client.cookies["__Host-draft"] = held
    for path in ("/tell/what/", "/tell/all/"):
        assert teller.get(path).headers["Location"] == "/tell/check/"
    changed = teller.client.post("/tell/what/", {"text": "Two.", "csrfmiddlewaretoken": token}, secure=True)
    assert changed.headers["Location"] == "/tell/check/"
    discarded = teller.client.post("/tell/discard/", {"csrfmiddlewaretoken": token}, secure=True)
    assert discarded.status_code == 200
    assert Submission.objects.get().open("answers")["text"] == "One."


def test_the_days_that_are_promised_are_the_days_that_are_kept(settings: Any) -> None:
    settings.INTAKE_KEEP_DAYS, settings.INTAKE_ORIGINAL_DAYS, settings.INTAKE_DRAFT_CODE_DAYS = 77, 66, 55
    teller = Teller()
    page = said(teller.get("/tell/"))
    assert "deleted after 77 days" in page
    assert "deleted 66 days" in " ".join(page.split())
    assert 'href="/tell/what/"' in page
    saved = said(teller.post("/tell/what/", {"text": "One.", "do": "later"}))
    assert "within 55 days" in saved
    receipt = said(Teller().post("/tell/all/", FULL))
    assert "55" not in receipt


def test_the_front_of_telling_says_whether_something_was_begun() -> None:
    teller = Teller()
    before = said(teller.get("/tell/"))
    teller.get("/tell/what/")
    assert said(teller.get("/tell/")) != before


def test_a_concept_that_is_gone_stands_for_itself() -> None:
    assert labels(Scheme.INDUSTRY, ["gone", "long-gone"]) == ["gone", "long-gone"]


def test_no_cookie_of_telling_outlives_the_browser() -> None:
    teller = Teller()
    for path in ("/tell/", "/tell/what/", "/tell/all/", "/return/"):
        answer = teller.get(path)
        assert {name: (each["max-age"], each["expires"]) for name, each in answer.cookies.items()} == dict.fromkeys(
            answer.cookies, ("", "")
        )
    assert set(teller.client.cookies) >= {"csrftoken", "__Host-draft"}


def test_an_address_that_is_none_is_a_network_of_its_own() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="unix:")
    cache.clear()
    assert [is_limited(request, "code") for _time in range(31)] == [False] * 30 + [True]
    assert LIMITS["code"].network == 30


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_end_with_the_browser_and_no_script_reads_them(secure: bool) -> None:
    request = RequestFactory().get("/tell/", secure=secure)
    prefix = "__Host-" if secure else ""
    assert (draft_cookie(request), visit_cookie(request)) == (f"{prefix}draft", f"{prefix}visit")
    from django.http import HttpResponse

    response = HttpResponse()
    ticket = Ticket()
    ticket_set(request, response, ticket)
    visit_set(request, response, "secret")
    for name, value in ((f"{prefix}draft", ticket.encode()), (f"{prefix}visit", "secret")):
        morsel = response.cookies[name]
        assert morsel.value == value
        assert {key: found for key, found in morsel.items() if found} == {
            "path": "/",
            "httponly": True,
            "samesite": "Strict",
            **({"secure": True} if secure else {}),
        }
    ticket_end(request, response)
    assert (response.cookies[f"{prefix}draft"].value, response.cookies[f"{prefix}draft"]["max-age"]) == ("", 0)


def test_a_visit_is_found_by_its_secret_alone_until_it_is_forgotten() -> None:
    submission, _words = told()
    secret = visit_begin(submission)
    assert visit_of(secret) == submission
    assert visit_of(secret + "x") is None
    for nothing in (None, "", "x" * 101):
        assert visit_of(nothing) is None
        visit_forget(nothing)
    assert visit_of(secret) == submission
    # What is in the cache names nobody, and opens with the secret alone.
    other = visit_begin(submission)
    assert other != secret
    visit_forget(secret)
    assert (visit_of(secret), visit_of(other)) == (None, submission)
    for state, found in (("draft", None), ("withdrawn", None), ("agreed", submission)):
        Submission.objects.filter(pk=submission.pk).update(state=state)
        assert visit_of(other) == found
    Submission.objects.filter(pk=submission.pk).delete()
    assert visit_of(other) is None
    assert visit_of(visit_begin(Submission(id=uuid.uuid4()))) is None
