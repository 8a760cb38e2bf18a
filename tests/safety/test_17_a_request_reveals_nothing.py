"""Promise 17: a request reveals nothing: a no, silence, a block and nobody there look alike to those who asked."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.campaigns.models import CampaignOrganization
from cms.organizations.models import OrganizationPage
from coalition.accounts.needs import needs_of
from coalition.accounts.own_data import account_delete
from coalition.allies.introductions import (
    introduction_decline,
)
from coalition.allies.models import Block, Introduction
from coalition.coalitions.models import Affiliation
from coalition.mail.models import OutgoingMail
from coalition.organizing.models import JoinRequest
from tests import factories
from tests.coalition.allies.two import NOTE, OURS, Two, page
from tests.coalition.people import person, signed_in

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
    return re.sub(r"/(organizations|campaigns)/(organization|campaign)-\d+/", "", text)


def test_a_no_holds_when_it_is_asked_again_and_looks_like_silence(two: Two) -> None:
    """Promise 17: whoever takes back and asks again is heard no more than before, and cannot tell."""
    seen: dict[str, list[tuple[int, str]]] = {}
    address = reverse("introduction_new", args=[two.nurses.public_id, two.drivers.public_id])
    for case in ("silence", "declined"):
        with transaction.atomic():
            introduction = two.ask()
            if case == "declined":
                two.answer(introduction, decision="decline")
            responses = []
            for _again in range(3):
                back = reverse("introduction_take_back", args=[introduction.public_id])
                responses.append(two.ours.post(back, follow=True))
                responses.append(two.ours.post(address, {"note": NOTE, "contact": OURS}, follow=True))
                introduction = Introduction.objects.latest("pk")
            responses.append(two.ours.get(reverse("introductions", args=[two.nurses.public_id])))
            seen[case] = [(response.status_code, neutral(response)) for response in responses]
            # Once a month is enough, whoever asks how often.
            assert list(OutgoingMail.objects.values_list("to", flat=True)) == [two.ben.email]
            # The control: what was taken back without an answer is there again.
            assert len(needs_of(two.ben)) == (1 if case == "silence" else 0)
            shown = two.theirs.get(reverse("introduction", args=[introduction.public_id])).status_code
            assert shown == (200 if case == "silence" else 404)
            two.ours.post(reverse("introduction_take_back", args=[introduction.public_id]))
            Introduction.objects.update(expires=timezone.now() - timedelta(seconds=1))
            two.ours.post(address, {"note": NOTE, "contact": OURS}, follow=True)
            # A no is not for ever.
            assert (len(needs_of(two.ben)), OutgoingMail.objects.count()) == (1, 2)
            transaction.set_rollback(True)
    assert seen["declined"] == seen["silence"]


class Asking:
    """The nurses ask others for something: the page they ask on, what those who ask see, and those who are asked."""

    def __init__(self, kind: str, two: Two, other: OrganizationPage) -> None:
        self.is_join, self.two = "campaign" in kind, two
        is_invitation = "invitation" in kind
        ours, theirs = two.nurses.public_id, other.public_id
        leader = two.nurses if is_invitation else other
        if self.is_join:
            campaign = factories.campaign("No badges")
            CampaignOrganization.objects.create(campaign=campaign, organization=leader, role="leads")
            lists = [f"/organize/campaigns/{campaign.public_id}/{name}" for name in ("", "organizations/", "join/")]
            self.address = lists[1] if is_invitation else lists[2]
            self.data = {"organization": str(theirs if is_invitation else ours), "role": "supports", "note": NOTE}
        else:
            OrganizationPage.objects.filter(pk=leader.pk).update(kind="coalition")
            lists = [reverse("coalition_desk", args=[public_id]) for public_id in (ours, theirs)]
            self.address = reverse("affiliation_new", args=[ours])
            self.data = {"other": str(theirs), **({} if is_invitation else {"belong": "1"})}
        self.pages = ["/you/", *lists]

    def ask(self) -> Any:
        return self.two.ours.post(self.address, self.data, follow=True)

    def seen(self, client: Client) -> list[tuple[int, str]]:
        responses = [client.get(address) for address in self.pages]
        return [(response.status_code, neutral(response)) for response in responses]

    def take_back(self) -> Any:
        if self.is_join:
            address = reverse("campaign_join_request", args=[self.request().public_id])
            return self.two.ours.post(address, {"do": "withdraw"}, follow=True)
        return self.two.ours.post(reverse("affiliation_leave", args=[self.request().public_id]), follow=True)

    def answers(self, client: Client) -> set[int]:
        """Return how those who are asked are answered where they would read it, say yes and say no."""
        request = self.request()
        if self.is_join:
            address = reverse("campaign_join_request", args=[request.public_id])
            return {client.get(address).status_code, client.post(address, {"do": "accept"}).status_code}
        names = ("affiliation_decide", "affiliation_leave")
        return {client.post(reverse(name, args=[request.public_id]), {"accept": "1"}).status_code for name in names}

    def request(self) -> Any:
        return (JoinRequest if self.is_join else Affiliation).objects.latest("pk")


@pytest.mark.parametrize("kind", ["campaign", "campaign by invitation", "coalition", "coalition by invitation"])
def test_a_block_holds_for_whatever_is_asked_and_looks_like_silence(two: Two, kind: str) -> None:
    """Promise 17: no mail, no list, no page of those who blocked; and to those who asked it goes on waiting."""
    seen: dict[str, list[Any]] = {}
    for case in ("silence", "blocked", "blocked later"):
        with transaction.atomic():
            other = factories.organization("Others")
            ben = person("ben-who-is-asked", other, "owner")
            theirs = signed_in(ben)
            asking = Asking(kind, two, other)
            blocks = reverse("organization_blocks", args=[other.public_id])
            block = {"other": str(two.nurses.public_id)}
            if case == "blocked":
                theirs.post(blocks, block, follow=True)
            before = asking.seen(theirs)
            responses = [asking.ask()]
            if case == "blocked later":
                theirs.post(blocks, block, follow=True)
            responses.append(asking.ask())
            seen[case] = [(response.status_code, neutral(response)) for response in responses]
            seen[case] += asking.seen(two.ours)
            mails = OutgoingMail.objects.filter(to=ben.email)
            # The control: whoever listens is told once, and finds it on their pages.
            assert mails.count() == (0 if case == "blocked" else 1), case
            assert (asking.seen(theirs) == before) == (case != "silence"), case
            if case != "silence":
                assert (asking.answers(theirs), needs_of(ben)) == ({404}, []), case
                theirs.post(blocks, {**block, "unblock": "1"}, follow=True)
                # What came while it held does not come back; what is asked from now on is heard.
                assert (asking.answers(theirs), needs_of(ben)) == ({404}, []), case
                asking.ask()
                assert len(needs_of(ben)) == 1, case
            response = asking.take_back()
            seen[case].append((response.status_code, neutral(response)))
            assert not OutgoingMail.objects.filter(to=two.ada.email).exists()
            transaction.set_rollback(True)
    for case in seen:
        assert seen[case] == seen["silence"], case


def test_of_two_that_lead_a_campaign_only_the_one_that_blocked_hears_nothing(two: Two) -> None:
    cooks = factories.organization("Cooks")
    eve = person("eve", cooks, "organizer")
    asking = Asking("campaign", two, two.drivers)
    campaign = CampaignOrganization.objects.get(organization=two.drivers).campaign
    CampaignOrganization.objects.create(campaign=campaign, organization=cooks, role="leads")
    Block.objects.create(organization=two.drivers, blocked=two.nurses)
    asking.ask()
    assert list(OutgoingMail.objects.values_list("to", flat=True)) == [eve.email]
    assert (len(needs_of(eve)), needs_of(two.ben)) == (1, [])
    assert asking.answers(two.theirs) == {404}
    assert asking.answers(signed_in(eve)) == {200, 302}
    # What is agreed is there to be seen, and needs no second answer.
    assert asking.answers(two.theirs) == {200, 404}


def test_what_both_sides_ask_is_agreed_whatever_was_blocked(two: Two) -> None:
    Block.objects.create(organization=two.drivers, blocked=two.nurses)
    OrganizationPage.objects.filter(pk=two.drivers.pk).update(kind="coalition")
    two.drivers.refresh_from_db()
    address = reverse("affiliation_new", args=[two.nurses.public_id])
    two.ours.post(address, {"other": str(two.drivers.public_id)})
    two.theirs.post(reverse("affiliation_new", args=[two.drivers.public_id]), {"other": str(two.nurses.public_id)})
    (affiliation,) = Affiliation.objects.all()
    assert affiliation.state == "accepted"
    # Either side ends it, as any other.
    two.theirs.post(reverse("affiliation_leave", args=[affiliation.public_id]))
    affiliation.refresh_from_db()
    assert affiliation.state == "ended"


def test_who_blocks_asks_for_nothing_any_more(two: Two) -> None:
    invitation = Asking("campaign by invitation", two, two.drivers)
    invitation.ask()
    request = Asking("campaign", two, two.drivers)
    request.ask()
    two.ours.post(reverse("organization_blocks", args=[two.nurses.public_id]), {"other": str(two.drivers.public_id)})
    assert set(JoinRequest.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert needs_of(two.ben) == []


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
