"""Promise 5: an exception in each view, as it begins and as it ends, tells no log and no mail what was in its hands."""

import copy
import logging
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as site_settings
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils.log import AdminEmailHandler

from coalition.intake import urls as intake_urls
from coalition.intake.evidence.filing import PIECE
from coalition.intake.models import Submission
from coalition.intake.publishing.proposing import proposal_send
from coalition.intake.reading.assigning import note_write, submission_take
from tests import factories, samples
from tests.coalition.accounts.door import mailed_code
from tests.coalition.intake.evidence.conftest import send, upload
from tests.coalition.intake.publishing.stories import moderator, text
from tests.coalition.intake.teller import FULL, Teller, words_on
from tests.safety.faults import code_of, failing, failing_at
from tests.safety.surfaces import canary
from tests.safety.written import written

pytestmark = pytest.mark.django_db
FIELDS = ("text", "industry_words", "technology_words", "harm_words", "town", "employer", "name", "reach")
POSTED = ("message", "reason", "headline", "file name", "password", "token")
OURS = "https://testserver"


@dataclass
class World:
    """Somebody who is telling, somebody who came back, who reads it, who looks after the site; and what is theirs."""

    planted: dict[str, str]
    tellers: dict[str, Teller]
    words: list[str]
    submission: Submission
    evidence: UUID
    pieces: dict[str, UUID]
    moderator: int
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def secrets(self) -> list[str]:
        """Everything that no log may hold."""
        cookies = [each.value for teller in self.tellers.values() for each in teller.client.cookies.values()]
        codes = [mark.join(self.words) for mark in (" ", "+", "%20", "', '")]
        return [*self.planted.values(), *self.tokens.values(), *cookies, *codes, samples.CANARY.decode()]

    @property
    def said(self) -> str:
        """What the error says: all of it."""
        return " ".join(self.secrets)

    def data(self) -> dict[str, Any]:
        """Return what is posted to every address: a field of each form, with a canary in it."""
        told = {name: self.planted[name] for name in FIELDS}
        given = {"code": " ".join(self.words), "kind": "note", "answer": "changes", "moderator": self.moderator}
        given |= {"reason": self.planted["reason"], "headline": self.planted["headline"], "file": str(self.evidence)}
        return {**FULL, **told, **given}


def _begun(teller: Teller, path: str, name: str) -> UUID:
    fields = {"do": "begin", "name": name, "size": 2 * PIECE, "declared": "audio/wav", "mark": "1"}
    return UUID(teller.post(path, fields).json()["address"].strip("/").split("/")[2])


def _signed_in(user: Any, path: str) -> tuple[Teller, str]:
    teller = Teller()
    teller.client.force_login(user)
    return teller, teller.token(path)


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> World:
    settings.INTAKE_FILES, settings.INTAKE_LEDGER = tmp_path / "files", tmp_path / "ledger"
    planted = {name: canary() for name in (*FIELDS, *POSTED)}
    told, drafting, back = Teller(), Teller(), Teller()
    assert send(told, upload(samples.jpeg(), f"{planted['file name']}.jpg")).status_code == 302
    answers = {name: planted[name] for name in FIELDS}
    words = words_on(told.post("/tell/all/", {**FULL, **answers}))
    submission = Submission.objects.get()
    evidence = submission.evidence.get().pk
    back.returns(words)
    reader = moderator()
    submission_take(submission=submission, moderator=reader)
    note_write(submission=submission, moderator=reader, text=planted["message"])
    pieces = {"return_piece": _begun(back, "/return/files/", planted["file name"])}
    proposal_send(submission=submission, content=text(headline=planted["headline"]))
    drafting.post("/tell/what/", {"text": planted["text"]})
    pieces["tell_piece"] = _begun(drafting, "/tell/files/", planted["file name"])
    tokens = {"drafting": drafting.token("/tell/what/"), "back": back.token("/return/home/")}
    reading, tokens["reading"] = _signed_in(reader, f"/moderation/{submission.pk}/")
    boss = factories.user("boss@example.org", superuser=True)
    looking, tokens["looking"] = _signed_in(boss, reverse("moderation_exempt", args=[submission.pk]))
    tellers = {"drafting": drafting, "back": back, "reading": reading, "looking": looking}
    return World(planted, tellers, words, submission, evidence, pieces, boss.pk, tokens)


def _file(world: World) -> dict[str, Any]:
    return {"do": "add", "files": [upload(samples.jpeg(), f"{world.planted['file name']}.jpg")]}


@dataclass(frozen=True)
class Case:
    """Who asks for an address, with what in it, and what is posted beside what is posted everywhere."""

    who: str
    args: Callable[[World], list[Any]] = lambda world: []
    more: Callable[[World], dict[str, Any]] = lambda world: {}


def _told(world: World) -> list[Any]:
    return [world.submission.pk]


def _file_sent(world: World) -> list[Any]:
    return [world.evidence]


# Every address of the intake. Whoever makes a new one says here who asks for it.
CASES = {
    **{f"tell{name}": Case("drafting") for name in ("", "_all", "_check", "_send", "_later", "_discard", "_end")},
    "tell_files": Case("drafting", more=_file),
    "tell_piece": Case("drafting", lambda world: [world.pieces["tell_piece"]]),
    "tell_step": Case("drafting", lambda world: ["what"]),
    **{f"return{name}": Case("back") for name in ("", "_home", "_message", "_withdraw", "_words", "_close")},
    "return_text": Case("back", more=lambda world: {"text": world.planted["message"]}),
    "return_files": Case("back", more=_file),
    "return_file": Case("back", _file_sent),
    "return_piece": Case("back", lambda world: [world.pieces["return_piece"]]),
    "leave": Case("back"),
    "moderation_file": Case("reading", _file_sent),
    "moderation": Case("reading"),
    "moderation_csv": Case("reading"),
    "moderation_log": Case("looking"),
    "moderation_exempt": Case("looking", _told),
    **{f"moderation_{name}": Case("reading", _told) for name in ("submission", "take", "write", "hand", "who", "text")},
    "moderation_step": Case("reading", _told, lambda world: {"step": "retract", "do": "retract"}),
}


def test_every_address_of_the_intake_has_a_case() -> None:
    assert set(CASES) == {each.name for each in intake_urls.urlpatterns}
    assert len(CASES) == len(intake_urls.urlpatterns)


VIEWS = {each.name: code_of(each.callback) for each in intake_urls.urlpatterns}


def _asked(world: World, name: str, method: str) -> Any:
    """Ask for an address once; nothing that was done remains, in the database or in the browser."""
    case = CASES[name]
    client = world.tellers[case.who].client
    path, token = reverse(name, args=case.args(world)), world.tokens[case.who]
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        if method == "GET":
            answer = client.get(path, secure=True)
        elif name.endswith("_piece"):
            data = world.planted["text"].encode() + samples.CANARY
            marks = {"HTTP_UPLOAD_OFFSET": "0", "HTTP_X_CSRFTOKEN": token, "HTTP_ORIGIN": OURS}
            answer = client.post(path, data, content_type="application/octet-stream", secure=True, **marks)
        else:
            data = {**world.data(), **case.more(world), "csrfmiddlewaretoken": token}
            answer = client.post(path, data, secure=True, HTTP_ORIGIN=OURS)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def said_in(text: str, secrets: list[str]) -> list[str]:
    """Return which of the secrets stand in a text."""
    return [each for each in secrets if each in text]


def _fault(world: World, name: str, moment: Any) -> Any:
    if moment == "statement":
        return failing("intake_submission", RuntimeError(world.said))
    return failing_at(VIEWS[name], moment, world.said)


def test_an_exception_in_each_view_of_the_intake_says_nothing(world: World) -> None:
    failed: dict[str, set[str]] = {"call": set(), "return": set(), "statement": set()}
    with written() as seen:
        for moment, names in failed.items():
            for name, method in product(CASES, ("GET", "POST")):
                with _fault(world, name, moment) as hit:
                    answer = _asked(world, name, method)
                if hit:
                    names.add(name)
                    assert answer.status_code == 500, (name, method)
                    assert said_in(f"{answer.headers}{answer.content.decode()}", world.secrets) == [], (name, method)
                elif moment != "statement":
                    assert answer.status_code == 405, (name, method)
        log = seen.log()
    assert failed["call"] == failed["return"] == set(CASES)
    # These ask for nothing that was told.
    assert set(CASES) - failed["statement"] == {"tell", "tell_end", "leave", "return_close"}
    assert log.count("A confidential page failed: RuntimeError") > 3 * len(CASES)
    assert said_in(log, world.secrets) == []
    assert [line for line in seen.given if said_in(line, world.secrets)] == []
    assert mail.outbox == []


# --- where else people's words and tokens pass --------------------------------------------------------------------

# What somebody types or has in an address there is their own: words, passwords, codes, tokens.
PLACES = ("account/", "setup/", "follow/", "match/", "search/", "language/", "organize/invitations/", "_util/login/")
TOKENS = {"token", "key", "uidb36", "secret"}


def _addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for each in patterns:
        route = prefix + str(each.pattern).lstrip("^")
        found += _addresses(each.url_patterns, route) if isinstance(each, URLResolver) else [(route, each)]
    return found


def elsewhere() -> dict[str, URLPattern]:
    """Return the addresses outside the intake and the admin where words or tokens pass, by their routes."""
    ours = {id(each) for each in intake_urls.urlpatterns}
    every = [(route, each) for route, each in _addresses(get_resolver().url_patterns) if id(each) not in ours]
    return {
        route: each
        for route, each in every
        if not route.startswith("admin/")
        and (route.startswith(PLACES) or TOKENS & set(each.pattern.regex.groupindex) or "token" in route)
    }


class People:
    """Whoever may ask for an address: nobody in particular, and people with an account, at each step of the door."""

    def __init__(self, password: str) -> None:
        member, locked = (factories.user(f"{name}@example.org", password=password) for name in ("member", "locked"))
        TOTP.activate(locked, generate_totp_secret())
        RecoveryCodes.activate(locked)
        keyed = factories.user("keyed@example.org", password=password)
        Authenticator.objects.create(user=keyed, type=Authenticator.Type.WEBAUTHN, data={"name": "A key"})
        foreign = factories.user("foreign@example.org", password=None)
        self.clients = [Client(), *map(_inside, (member, locked, foreign, keyed))]
        self.clients += [_sent("/account/login/code/", email=member.email)]
        self.clients += [_sent("/account/password/reset/", email=member.email)]
        self.clients += [_sent("/account/login/", login=locked.email, password=password)]
        forgot = _sent("/account/password/reset/", email=member.email)
        assert forgot.post("/account/password/reset/confirm/", {"code": mailed_code(member.email)}).status_code == 302
        self.clients += [forgot]
        for each in self.clients:
            each.raise_request_exception = False

    def secrets(self) -> list[str]:
        """Return what browsers hold: names of sessions."""
        name = site_settings.SESSION_COOKIE_NAME
        return [each.cookies[name].value for each in self.clients if name in each.cookies]


def _sent(path: str, **data: str) -> Client:
    client = Client()
    assert client.post(path, data).status_code == 302, path
    return client


def _inside(user: Any) -> Client:
    """Return the browser of somebody who proved who they are a moment ago."""
    client = factories.client_of(user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time()},
        {"method": "mfa", "type": "totp", "at": time.time()},
    ]
    session.save()
    return client


def test_an_exception_elsewhere_says_no_word_code_or_token() -> None:
    planted = {name: canary() for name in ("token", "password", "words", "code")}
    people = People(planted["password"])
    secrets = [*planted.values(), *people.secrets()]
    answers = {"token": planted["token"], "public_id": str(uuid4()), "source": str(uuid4()), "target": str(uuid4())}
    answers |= {"pk": "1"}
    posted = dict.fromkeys(("code", "text", "otp"), planted["code"]) | {"login": f"{planted['words']}@example.org"}
    posted |= {"email": f"{planted['words']}@example.org"}
    posted |= dict.fromkeys(("password", "password1", "password2", "oldpassword"), planted["password"])
    unreached, said = set(), " ".join(secrets)
    with written() as seen:
        for (route, each), method in product(elsewhere().items(), ("GET", "POST")):
            path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: answers[found[1]], route)
            for client in people.clients:
                with failing_at(code_of(each.callback), "return", said) as hit:
                    answer = _kept(client, method, f"{path}?q={planted['words']}", posted)
                if hit:
                    assert answer.status_code == 500, (route, method)
                    assert said_in(answer.content.decode(), secrets) == [], (route, method)
                if hit or answer.status_code == 405:
                    break
            else:
                # An address that another one stands before is never reached.
                if resolve(path).func is each.callback:
                    unreached.add((each.name, method))
        log = seen.log()
    assert unreached == set()
    assert log.count("Internal Server Error") > 50
    assert said_in(log, secrets) == []
    assert mail.outbox == []


def _kept(client: Client, method: str, path: str, data: dict[str, Any]) -> Any:
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.get(path) if method == "GET" else client.post(path, data)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def test_what_is_said_is_seen() -> None:
    """The control: what a log, an output, a traceback or a mail of Django's own making says is found."""
    secrets = [canary() for _which in range(4)]
    with written() as seen:
        logging.getLogger("anything").debug("Asked for %s", secrets[0])
        sys.stderr.write(secrets[1])
        os.write(2, secrets[2].encode())
        try:
            raise RuntimeError(secrets[3]) from ValueError(secrets[3])
        except RuntimeError:
            logging.getLogger("anything").exception("It failed")
        log = seen.log()
        assert said_in(log, secrets) == secrets[:3]
        assert re.findall(r"^builtins\.(\w+)$", log, re.MULTILINE) == ["ValueError", "RuntimeError"]
        assert "test_what_is_said_is_seen" in log
        assert said_in(" ".join(seen.given), secrets) == [secrets[0], secrets[3]]
        AdminEmailHandler().handle(logging.makeLogRecord({"msg": secrets[0], "levelno": logging.ERROR}))
    assert said_in(mail.outbox[0].subject, secrets) == secrets[:1]
