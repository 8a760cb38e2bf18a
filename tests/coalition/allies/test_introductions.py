"""Introductions: what comes of them. What they promise is shown in ``tests/safety`` (16, 17)."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.campaigns.models import CampaignOrganization
from cms.organizations.models import OrganizationPage
from coalition.accounts.needs import needs_of
from coalition.allies.introductions import (
    introduction_accept,
    introduction_ask,
)
from coalition.allies.models import Block, Introduction, Message
from coalition.allies.threads import message_write
from coalition.membership.merging import organization_merge
from coalition.organizing.models import JoinRequest
from tests import factories
from tests.coalition.allies.two import NOTE, OURS, THEIRS, Two, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(db: None) -> Two:
    return Two()


def test_a_joint_campaign_is_proposed_from_the_thread(two: Two) -> None:
    introduction = two.ask()
    address = reverse("introduction_together", args=[introduction.public_id])
    campaign = factories.campaign("No badges")
    CampaignOrganization.objects.create(campaign=campaign, organization=two.nurses, role="leads")
    assert two.ours.post(address, {"campaign": str(campaign.public_id)}).status_code == 404
    two.answer(introduction, decision="accept", contact=THEIRS)
    assert "No badges" in page(two.ours, introduction)
    assert 'id="together"' not in page(two.theirs, introduction)
    # Nobody proposes what they do not lead.
    two.theirs.post(address, {"campaign": str(campaign.public_id)})
    assert not JoinRequest.objects.exists()
    two.ours.post(address, {"campaign": str(campaign.public_id)})
    assert JoinRequest.objects.get().organization == two.drivers
    assert any("No badges" in need.sentence for need in needs_of(two.ben))


def test_merging_takes_introductions_along(two: Two) -> None:
    twin = factories.organization("Nurses of the Coast")
    first = introduction_ask(asking=two.nurses, asked=two.drivers, asked_by=two.ada, note=NOTE, contact=OURS)
    second = introduction_ask(asking=two.drivers, asked=twin, asked_by=two.ben, note=NOTE, contact=THEIRS)
    between_twins = introduction_ask(asking=two.nurses, asked=twin, asked_by=two.ada, note=NOTE, contact=OURS)
    for each in (first, second):
        introduction_accept(introduction=each, answered_by=two.ben, contact=THEIRS)
    message_write(introduction=second, organization=twin, author=two.ada, text="Kept", token=uuid.uuid4())
    Block.objects.create(organization=twin, blocked=factories.organization("Bosses"))
    organization_merge(gone=twin, kept=two.nurses)
    assert list(Introduction.objects.values_list("pk", flat=True)) == [first.pk]
    assert Message.objects.get().introduction_id == first.pk
    assert not Introduction.objects.filter(pk=between_twins.pk).exists()
    assert Block.objects.get().organization == two.nurses


def test_what_comes_too_late_or_means_oneself_says_so(two: Two) -> None:
    introduction = two.ask()
    two.answer(introduction, decision="accept", contact=THEIRS)
    two.ours.get("/you/")
    page = two.ours.post(reverse("introduction_take_back", args=[introduction.public_id]), follow=True)
    sentence = "It can no longer be taken back: it was answered, or its time is over."
    assert [str(said) for said in page.context["messages"]] == [sentence]
    introduction.refresh_from_db()
    assert introduction.state == "accepted"
    blocks = reverse("organization_blocks", args=[two.nurses.public_id])
    page = two.ours.post(blocks, {"other": str(two.nurses.public_id)}, follow=True)
    assert [str(said) for said in page.context["messages"]] == ["This is your own organization."]
    assert not Block.objects.exists()


def test_introductions_are_a_table_as_each_side_may_see_them(two: Two) -> None:
    introduction = two.ask()
    today = f"{timezone.localtime(introduction.created):%Y-%m-%d}"

    def table(client: Client, organization: OrganizationPage) -> list[str]:
        address = reverse("introductions_csv", args=[organization.public_id])
        page = client.get(reverse("introductions", args=[organization.public_id])).content.decode()
        rows = client.get(address).content.decode().splitlines()[1:]
        assert (address in page) == bool(rows)
        return rows

    assert table(two.ours, two.nurses) == [f"Drivers,you asked,{today},waits for an answer"]
    assert table(two.theirs, two.drivers) == [f"Nurses,they asked,{today},waits for an answer"]
    two.answer(introduction, decision="decline")
    assert table(two.ours, two.nurses) == [f"Drivers,you asked,{today},waits for an answer"]
    assert table(two.theirs, two.drivers) == []
