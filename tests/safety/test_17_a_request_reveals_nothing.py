"""Promise 17: a request reveals nothing: a no, silence, a block and nobody there look alike to those who asked."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from coalition.accounts.needs import needs_of
from coalition.accounts.own_data import account_delete
from coalition.allies.introductions import (
    introduction_decline,
)
from coalition.allies.models import Block, Introduction
from coalition.mail.models import OutgoingMail
from tests import factories
from tests.coalition.allies.two import NOTE, OURS, Two, page
from tests.coalition.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(db: None) -> Two:
    return Two()


def test_a_no_silence_and_a_block_look_alike(two: Two) -> None:
    """Promise 17: same pages, byte for byte but for names and moments, before and after the time is over."""
    seen: dict[str, list[tuple[int, str]]] = {}
    mails: dict[str, int] = {}
    heard: dict[str, int] = {}
    for case in ("silence", "declined", "blocked", "nobody there", "deleted"):
        other = factories.organization("Others")
        ben = person(f"ben-{case.replace(' ', '-')}", other, "owner") if case != "nobody there" else None
        if case == "blocked":
            Block.objects.create(organization=other, blocked=two.nurses)
        if case == "deleted":
            account_delete(user=ben)  # type: ignore[arg-type]
        before = OutgoingMail.objects.filter(to=two.ada.email).count()
        address = reverse("introduction_new", args=[two.nurses.public_id, other.public_id])
        responses = [two.ours.post(address, {"note": NOTE, "contact": OURS}, follow=True)]
        introduction = Introduction.objects.latest("pk")
        if case == "declined":
            introduction_decline(introduction=introduction, answered_by=ben)  # type: ignore[arg-type]
        responses.append(two.ours.get(reverse("introduction", args=[introduction.public_id])))
        responses.append(two.ours.post(address, {"note": NOTE, "contact": OURS}))
        Introduction.objects.filter(pk=introduction.pk).update(expires=timezone.now() - timedelta(seconds=1))
        responses.append(two.ours.get(reverse("introduction", args=[introduction.public_id])))
        seen[case] = [(response.status_code, neutral(response)) for response in responses]
        mails[case] = OutgoingMail.objects.filter(to=two.ada.email).count() - before
        heard[case] = OutgoingMail.objects.filter(to=f"ben-{case.replace(' ', '-')}@example.org").count()
        Introduction.objects.filter(pk=introduction.pk).delete()
        other.delete()
    assert mails == dict.fromkeys(mails, 0)
    # The control: whoever is there and listens is told.
    assert heard == {"silence": 1, "declined": 1, "blocked": 0, "nobody there": 0, "deleted": 0}
    for case in seen:
        assert seen[case] == seen["silence"], case


def neutral(response: Any) -> str:
    """Return a page without what differs from request to request: tokens and ids."""
    text = response.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)
    return re.sub(r"/organizations/organization-\d+/", "", text)


def test_an_organization_that_is_gone_answers_as_one_that_never_was(two: Two) -> None:
    other = factories.organization("Others")
    person("ben-gone", other, "owner")
    gone = other.public_id
    other.delete()
    seen = []
    for public_id in (gone, uuid.uuid4()):
        address = reverse("introduction_new", args=[two.nurses.public_id, public_id])
        answers = [two.ours.get(address), two.ours.post(address, {"note": NOTE, "contact": OURS})]
        seen.append([(answer.status_code, neutral(answer)) for answer in answers])
    assert seen[0] == seen[1]
    assert {status for status, _page in seen[0]} == {404}
    assert Introduction.objects.count() == 0


def test_a_declined_request_is_gone_for_those_who_declined(two: Two) -> None:
    introduction = two.ask()
    two.answer(introduction, decision="decline")
    address = reverse("introduction", args=[introduction.public_id])
    assert two.theirs.get(address).status_code == 404
    assert two.theirs.get(reverse("introduction", args=[uuid.uuid4()])).status_code == 404
    assert "waits for an answer" in page(two.ours, introduction)
    assert needs_of(two.ben) == []


def test_mail_says_that_something_waits_and_nothing_else(two: Two) -> None:
    introduction = two.ask()
    (mail,) = OutgoingMail.objects.filter(kind="introduction")
    assert mail.to == "ben@example.org"
    whole = f"{mail.subject}{mail.text}{mail.html}{mail.headers}"
    assert not re.search("Nurses|Ada|badges|555", whole)
    assert str(introduction.public_id) in whole
