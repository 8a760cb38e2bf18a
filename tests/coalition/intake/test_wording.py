"""What pages of telling and of moderating say, word for word, in both languages: kept in files that people can read.

Lawyers, translators and organizers read `wording/` as the site's own book of what it says; a sentence, a field or a way
on that goes missing is seen there. After a change, write them anew (see `wording.py`) and read the difference.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme
from coalition.accounts.models import User
from coalition.intake.messages import MOST, message_write
from coalition.intake.models import Submission
from coalition.intake.publishing.consent import consent_give
from coalition.intake.publishing.fields import sha256
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.release import story_release
from coalition.intake.telling.steps import steps
from coalition.membership.models import Membership
from tests import factories, samples
from tests.coalition.intake.evidence.conftest import send, upload
from tests.coalition.intake.publishing.stories import client_of, moderator, proposed
from tests.coalition.intake.teller import FULL, Teller, told, words_on
from tests.coalition.intake.wording import KEPT, book
from tests.safety.clock import at
from tests.safety.faults import away, failing

LISTS = [Scheme.INDUSTRY, Scheme.TECHNOLOGY, Scheme.HARM, Scheme.OCCUPATION, Scheme.PLACE]
WHOLE = {
    "do": "keep",
    "headline": "A badge counts every step",
    "standfirst": "Cleaners are counted.",
    "text": "They count steps.\n\nNobody asked.",
    "year": "2026",
    "month": "3",
    "stage": "in-use",
    "standing": "worker",
    "language": "en",
}
NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("content", "without_stories", "kept_apart", "frozen", "ticks"),
]
LANGUAGES = ["en", "es"]
both = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture
def frozen() -> Iterator[None]:
    # What a request activates stays active after it.
    with at(NOW), translation.override("en"):
        yield


@pytest.fixture
def ticks(without_stories: None) -> dict[str, str]:
    """Something to tick in every list, by name."""
    return {each.value: factories.concept(each, f"Test {each.value} to tick").slug for each in LISTS}


@pytest.fixture
def kept_apart(tmp_path: Path, settings: Any) -> None:
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"


def teller_in(language: str) -> Teller:
    return Teller(HTTP_ACCEPT_LANGUAGE=language)


def back(language: str, words: list[str]) -> Teller:
    teller = teller_in(language)
    teller.returns(words)
    return teller


@both
def test_telling_from_its_front_to_its_receipt(language: str, ticks: dict[str, str]) -> None:
    with book("telling", language) as page:
        teller = teller_in(language)
        page("tell", teller.get("/tell/"))
        for step in steps():
            path = f"/tell/{step.slug}/"
            page(f"tell-{step.slug}", teller.get(path))
            if step.form is not None:
                page(f"tell-{step.slug}-answered", teller.post(path, {"do": "next", **FULL, **ticks}))
                page(f"tell-{step.slug}-again", teller.get(f"{path}?to=check"))
        page("tell-begun", teller.get("/tell/"))
        page("tell-files-sent", send(teller, upload(samples.png())))
        page("tell-files-here", teller.get("/tell/files/?to=check"))
        page("tell-check", teller.get("/tell/check/"))
        page("tell-discard", teller.get("/tell/discard/"))
        later = teller.post("/tell/later/", form="/tell/check/")
        page("tell-later", later)
        teller.returns(words_on(later))
        page("tell-check-with-code", teller.get("/tell/check/"))
        held = teller.client.cookies["__Host-draft"].value
        page("tell-receipt", teller.post("/tell/send/", form="/tell/check/"))
        teller.client.cookies["__Host-draft"] = held
        page("tell-check-sent", teller.get("/tell/check/"))
        page("tell-end", teller.get("/tell/end/"))


@both
def test_everything_on_one_page(language: str) -> None:
    with book("one-page", language) as page:
        teller = teller_in(language)
        page("all", teller.get("/tell/all/"))
        page("all-empty", teller.post("/tell/all/", {"text": "", "year": "3000", "month": "3"}))
        page("all-sent", teller.post("/tell/all/", FULL))


# What each step refuses.
WRONG: dict[str, dict[str, str]] = {
    "what": {"text": ""},
    "work": {"industry": "nothing"},
    "technology": {"technology": "nothing"},
    "harm": {"harm": "nothing"},
    "where": {"town": "x" * 1000},
    "when": {"month": "3", "year": ""},
    "employer": {"employer": "x" * 1000, "naming": "perhaps"},
    "use": {"use": "everything"},
    "contact": {"reach": "x" * 10_000},
}


@both
def test_telling_refused(language: str, settings: Any) -> None:
    with book("refusals", language) as page:
        teller = teller_in(language)
        for step in steps():
            if step.form is not None:
                given = WRONG.get(step.slug, {"year": "3000"})
                page(f"refused-{step.slug}", teller.post(f"/tell/{step.slug}/", {"do": "next", **given}))
        teller.post("/tell/what/", {"text": "Kept words."})
        page("refused-files-exe", send(teller, upload(b"MZ" * 100, "tool.exe")))
        page(
            "refused-files-checking",
            teller.post("/tell/files/", {"do": "add", "to": "check", "files": [upload(b"MZ" * 9)]}),
        )
        page("refused-files-cut", send(teller, upload(samples.png()[:60], "cut.png")))
        tokens = {path: teller.token(path) for path in ("/tell/what/", "/tell/check/", "/return/", "/tell/files/")}
        forms = {
            "what": ("/tell/what/", "/tell/what/", {"text": "Kept words."}),
            "all": ("/tell/all/", "/tell/what/", {"text": "Kept words."}),
            "send": ("/tell/send/", "/tell/check/", {}),
            "later": ("/tell/later/", "/tell/check/", {}),
            "return": ("/return/", "/return/", {"code": "zoo " * 9}),
        }
        for name, (path, form, data) in forms.items():
            with failing("intake_submission", away()):
                answer = teller.client.post(path, {**data, "csrfmiddlewaretoken": tokens[form]}, secure=True)
            page(f"away-{name}", answer)
            page(f"token-{name}", teller.client.post(path, {**data, "csrfmiddlewaretoken": "x"}, secure=True))
        files = {"do": "add", "files": [upload(samples.png())]}
        page("token-files", teller.client.post("/tell/files/", files | {"csrfmiddlewaretoken": "x"}, secure=True))
        settings.INTAKE_LIMITS = 0
        for name in ("all", "send", "return"):
            path, form, data = forms[name]
            answer = teller.client.post(path, {**data, "csrfmiddlewaretoken": tokens[form]}, secure=True)
            page(f"limited-{name}", answer)
        files = {"do": "add", "files": [upload(samples.png())], "csrfmiddlewaretoken": tokens["/tell/files/"]}
        page("limited-files", teller.client.post("/tell/files/", files, secure=True))


@both
def test_coming_back_in_every_state(language: str, settings: Any) -> None:
    with book("coming-back", language) as page:
        page("return", teller_in(language).get("/return/"))
        page("return-unknown", teller_in(language).post("/return/", {"code": "zoo " * 9}))
        page("return-empty", teller_in(language).post("/return/", {"code": ""}))
        submission, words, content = proposed()
        Submission.objects.filter(pk=submission.pk).update(language=language)
        teller = back(language, words)
        home, seen = "/return/home/", sha256(content).hex()
        page("home-proposed", teller.get(home))
        for name, given in {
            "nothing": {"seen": seen},
            "changes-without-words": {"answer": "changes", "seen": seen},
            "old": {"answer": "yes", "seen": "0" * 64},
        }.items():
            page(f"text-{name}", teller.post("/return/text/", given, form=home))
        page("text-changes", teller.post("/return/text/", {"answer": "changes", "text": "x", "seen": seen}, form=home))
        page("home-reading", teller.get(home))
        message_write(submission=submission, text="Which shift?", from_teller=False)
        page("home-message", teller.get(home))
        page("message-empty", teller.post("/return/message/", {"text": ""}, form=home))
        page("message-sent", teller.post("/return/message/", {"text": "The night shift."}, form=home))
        page("home-answered", teller.get(home))
        submission.messages.filter(from_teller=True, number=submission.messages.count()).update(number=MOST)
        page("message-full", teller.post("/return/message/", {"text": "Kept words."}, form=home))
        settings.INTAKE_LIMITS = 0
        page("message-limited", teller.post("/return/message/", {"text": "Kept words."}, form=home))
        settings.INTAKE_LIMITS = 1
        with failing("intake_message", away()):
            token = {"csrfmiddlewaretoken": teller.token("/return/withdraw/")}
            page("message-away", teller.client.post("/return/message/", {"text": "Kept."} | token, secure=True))
        page("message-over", teller_in(language).client.post("/return/message/", {"text": "Kept."}, secure=True))
        for state in ("received", "declined"):
            Submission.objects.filter(pk=submission.pk).update(state=state)
            page(f"home-{state}", teller.get(home))
        page("files", teller.get("/return/files/"))
        page("files-exe", send(teller, upload(b"MZ" * 100, "tool.exe"), path="/return/files/"))
        page("files-sent", send(teller, upload(samples.png()), path="/return/files/"))
        page("files-here", teller.get("/return/files/"))
        page("home-files", teller.get(home))
        page("withdraw", teller.get("/return/withdraw/"))
        page("withdrawn", teller.post("/return/withdraw/"))
        page("home-over", teller.get(home))


@both
def test_a_text_that_is_agreed_and_public(language: str) -> None:
    with book("agreed", language) as page:
        submission, words, content = proposed()
        Submission.objects.filter(pk=submission.pk).update(language=language)
        teller = back(language, words)
        agreed = teller.post("/return/text/", {"answer": "yes", "seen": sha256(content).hex()}, form="/return/home/")
        page("text-yes", agreed)
        page("home-agreed", teller.get("/return/home/"))
        consent = Consent.objects.get()
        Consent.objects.update(due_on=timezone.localdate() - timedelta(1))
        story_release(consent=consent)
        page("home-published", teller.get("/return/home/"))
        page("withdraw-published", teller.get("/return/withdraw/"))
        page("closed", teller.post("/return/close/", form="/return/home/"))


def desk(language: str, name: str = "moderator") -> Client:
    client = client_of(moderator(name))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    return client


@both
def test_the_moderators_desk(language: str) -> None:
    with book("moderating", language) as page:
        client = desk(language)
        page("desk-empty", client.get("/moderation/"))
        submission, words = told(
            text="Maria Kowalski at Grand Hotel called me: 702 555 0134. I am the only night auditor."
        )
        one = f"/moderation/{submission.pk}/"
        page("desk", client.get("/moderation/"))
        page("desk-free", client.get("/moderation/?show=free&state=received"))
        page("one-free", client.get(one))
        page("one-taken", client.post(f"{one}take/"))
        page("one", client.get(one))
        another = desk(language, "another")
        page("one-others", another.get(one))
        Membership.objects.create(
            organization=factories.organization("Grand Hotel"),
            user=User.objects.get(email="another@example.org"),
            role="member",
        )
        page("take-held", another.post(f"{one}take/"))
        page("write-empty", client.post(f"{one}write/", {"kind": "message", "text": ""}))
        page("note-empty", client.post(f"{one}write/", {"kind": "note", "text": ""}))
        client.post(f"{one}write/", {"kind": "message", "text": "Which shift?"})
        client.post(f"{one}write/", {"kind": "note", "text": "Ask again."})
        back("en", words).post("/return/message/", {"text": "Nights, with Ana Lima."}, form="/return/home/")
        page("desk-mine", client.get("/moderation/?show=mine"))
        page("one-written", client.get(one))
        page("who", client.get(f"{one}who/"))
        page("who-empty", client.post(f"{one}who/", {"reason": ""}))
        page("who-said", client.post(f"{one}who/", {"reason": "They asked for a call."}))
        page("text", client.get(f"{one}text/"))
        page("text-empty", client.post(f"{one}text/", {"do": "send"}))
        page("text-kept", client.post(f"{one}text/", WHOLE))
        page("text-kept-again", client.get(f"{one}text/"))
        page("text-year", client.post(f"{one}text/", {**WHOLE, "year": "3000"}))
        page("text-named", client.post(f"{one}text/", {**WHOLE, "employer": "Grand Hotel"}))
        page("one-drafted", client.get(one))
        page("hand-nobody", client.post(f"{one}hand/", {"moderator": ""}))
        page("one-after-hand", client.get(one))
        page("declined", client.post(f"{one}step/", {"do": "decline"}))
        page("one-declined", client.get(one))
        admin = Client()
        admin.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        admin.force_login(factories.user("admin@example.org", superuser=True))
        # Within a day the log has no order: one kind at a time.
        for what in ("who", "words", "handed"):
            page(f"log-{what}", admin.get(f"/moderation/log/?what={what}"))
        page("exempt", admin.get(f"/moderation/log/{submission.pk}/exempt/"))
        page("exempt-empty", admin.post(f"/moderation/log/{submission.pk}/exempt/", {}))


@both
def test_a_text_on_the_moderators_side(language: str, ticks: dict[str, str]) -> None:
    with book("texts", language) as page:
        submission, words, content = proposed()
        client = Client()
        client.force_login(submission.charge.moderator)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        one = f"/moderation/{submission.pk}/"
        page("one-proposed", client.get(one))
        page("text-proposed", client.get(f"{one}text/"))
        consent_give(submission=submission, seen=sha256(content).hex())
        page("one-agreed", client.get(one))
        page("text-agreed", client.get(f"{one}text/"))
        assert len(words) == 9
        # Somebody who wants nothing published.
        submission, _words = told(use="moderators")
        client.post(f"/moderation/{submission.pk}/take/")
        one = f"/moderation/{submission.pk}/"
        page("one-nothing", client.get(one))
        page("text-nothing", client.get(f"{one}text/"))
        page(
            "text-nothing-sent",
            client.post(
                f"{one}text/",
                WHOLE | {"do": "send", "industry": str(Concept.objects.get(slug=ticks["industry"]).public_id)},
            ),
        )


# What tellers, moderators and names say is the same in every language.
PLANTED = re.compile(
    "|".join(
        [
            *map(re.escape, FULL.values()),
            "Maria Kowalski",
            "Maria at work",
            "Ana Lima",
            "Test (industry|technology|harm)",
            "A badge counts",
            "Cleaners are counted",
            "They count",
            "Nobody asked",
            "Which shift",
            "The night shift",
            "Ask again",
            "Kept words",
            # Said by the site in the teller's language, before a test changed that.
            "^We have written a text for the public. Read it",
        ]
    )
)


@pytest.mark.parametrize("name", sorted(each.name.partition(".")[0] for each in KEPT.glob("*.en.txt")))
def test_nothing_is_left_in_english(name: str) -> None:
    english, spanish = (
        (KEPT / f"{name}.{language}.txt").read_text(encoding="utf-8").splitlines() for language in LANGUAGES
    )
    sentence = re.compile(r"[a-z]+ [a-z]+ [a-z]+")
    fields = re.compile(
        r"=====|form |text |textarea |radio |checkbox |file |hidden |email |number |many to tick|select "
    )
    both_say = {line for line in english if sentence.search(line) and not fields.match(line)} & set(spanish)
    assert {line for line in both_say if not PLANTED.search(line)} == set()
    headings = [line for line in english if line.startswith("=====")]
    assert headings == [line for line in spanish if line.startswith("=====")]
