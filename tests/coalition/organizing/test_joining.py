"""Joining: only a yes of the other side shows, and whatever happens in whatever order, the records agree."""

import pytest
from django.test import Client
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cms.campaigns.models import CampaignPage
from coalition.accounts.needs import needs_of
from coalition.mail.models import OutgoingMail
from coalition.organizing.errors import OrganizingError
from coalition.organizing.joining import campaign_leave, join_answer, join_propose, join_withdraw
from coalition.organizing.models import JoinRequest
from tests import factories
from tests.coalition.organizing.conftest import Team, campaign_led_by, person
from tests.factories import client_of

State = JoinRequest.State


@pytest.mark.django_db
def test_an_organization_that_is_asked_shows_once_its_own_organizer_has_said_yes(team: Team) -> None:
    other = factories.organization("Local 2")
    theirs = person(other)
    address = f"/organize/campaigns/{team.campaign.public_id}/organizations/"
    sent = {"organization": other.public_id, "role": "supports", "note": "Same software."}
    assert team.client.post(address, sent).status_code == 302
    assert b"Local 2" not in Client().get(team.campaign.url).content
    (need,) = needs_of(theirs)
    assert need.sentence == "Local 2 is asked to join the campaign “No algorithm boss”."
    mail = OutgoingMail.objects.get(kind="join_asked")
    assert (mail.to, "Same software." in mail.text) == (theirs.email, True)
    # Those who asked cannot answer for them.
    assert team.client.post(need.url, {"do": "accept"}).status_code == 404
    assert client_of(theirs).post(need.url, {"do": "accept"}).status_code == 302
    assert needs_of(theirs) == []
    page = Client().get(team.campaign.url).content
    assert b"Local 2" in page
    assert b"supports it" in page
    assert OutgoingMail.objects.get(kind="join_answered").to == team.organizer.email


@pytest.mark.django_db
def test_an_organization_asks_to_join_and_those_who_lead_answer(team: Team) -> None:
    other = factories.organization("Local 3")
    theirs = client_of(person(other))
    address = f"/organize/campaigns/{team.campaign.public_id}/join/"
    sent = {"organization": other.public_id, "role": "takes-part", "note": ""}
    assert theirs.post(address, sent).status_code == 302
    request = JoinRequest.objects.get()
    answer = f"/organize/joins/{request.public_id}/"
    assert theirs.post(answer, {"do": "accept"}).status_code == 404
    team.client.post(answer, {"do": "accept"})
    assert [str(link) for link in team.campaign.organization_links.order_by("pk")] == ["Local 1", "Local 3"]
    leave = f"/organize/campaigns/{team.campaign.public_id}/leave/{other.public_id}/"
    assert client_of(person(factories.organization())).post(leave).status_code == 404
    assert theirs.post(leave).status_code == 302
    assert [str(link) for link in CampaignPage.objects.get(title="No algorithm boss").organization_links.all()] == [
        "Local 1"
    ]


@pytest.mark.django_db
def test_who_does_not_organize_cannot_ask_and_one_cannot_ask_for_others(team: Team) -> None:
    address = f"/organize/campaigns/{team.campaign.public_id}/join/"
    assert client_of(person()).get(address).status_code == 403
    mine, other = factories.organization(), factories.organization()
    sent = {"organization": other.public_id, "role": "supports"}
    assert client_of(person(mine)).post(address, sent).status_code == 422
    assert not JoinRequest.objects.exists()


@pytest.mark.django_db
def test_the_last_that_leads_cannot_leave(team: Team) -> None:
    leave = f"/organize/campaigns/{team.campaign.public_id}/leave/{team.organization.public_id}/"
    response = team.client.post(leave, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "A campaign needs an organization that leads it. Take the campaign off the site instead."
    ]


@pytest.mark.django_db
def test_a_draft_from_before_does_not_undo_a_yes(team: Team) -> None:
    step = f"/organize/campaigns/{team.campaign.public_id}/edit/what/"
    version = team.client.get(step).context["version"]
    team.client.post(step, {"version": version, "title": "New title", "text": "x", "do": "save"})
    other = factories.organization("Local 4")
    request = join_propose(
        campaign=team.campaign, organization=other, role="supports", by=team.organizer, is_invitation=True
    )
    join_answer(request=request, by=person(other), accepts=True)
    publish = f"/organize/campaigns/{team.campaign.public_id}/publish/"
    version = team.client.get(publish).context["version"]
    assert team.client.post(publish, {"version": version, "change": "small"}).status_code == 302
    campaign = CampaignPage.objects.get(pk=team.campaign.pk)
    assert campaign.title == "New title"
    assert [str(link) for link in campaign.organization_links.order_by("pk")] == ["Local 1", "Local 4"]


@pytest.mark.django_db
def test_the_campaigns_of_a_deleted_organization_stay_with_a_note(team: Team) -> None:
    other = factories.organization("Local 5")
    request = join_propose(
        campaign=team.campaign, organization=other, role="supports", by=team.organizer, is_invitation=True
    )
    join_answer(request=request, by=person(other), accepts=True)
    other.delete()
    page = Client().get(team.campaign.url).content.decode()
    assert "Local 5 was one of the organizations; it is no longer on this site." in page
    campaign = CampaignPage.objects.get(title="No algorithm boss")
    assert [organization.title for organization in campaign.organizations()] == ["Local 1"]
    campaign.save_revision().publish()
    assert "Local 5 was one of the organizations" in Client().get(team.campaign.url).content.decode()
    team.organization.delete()
    assert "Local 1 was one of the organizations" in Client().get(team.campaign.url).content.decode()


class Joining(RuleBasedStateMachine):
    """Two sides ask, answer, take back and leave in any order; a model says what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.leader, self.other = factories.organization(), factories.organization()
        self.campaign = campaign_led_by(self.leader)
        self.people = {True: person(self.leader), False: person(self.other)}
        self.open: bool | None = None
        self.is_in = False

    def _request(self) -> JoinRequest:
        return JoinRequest.objects.filter(organization=self.other).order_by("-pk")[0]

    @rule(by_leaders=st.booleans(), role=st.sampled_from(["takes-part", "supports", "leads"]))
    def ask(self, by_leaders: bool, role: str) -> None:
        refused = self.is_in or role == "leads"
        try:
            join_propose(
                campaign=self.campaign,
                organization=self.other,
                role=role,
                by=self.people[by_leaders],
                is_invitation=by_leaders,
            )
        except OrganizingError:
            assert refused
            return
        assert not refused
        if self.open is None:
            self.open = by_leaders
        elif self.open != by_leaders:
            self.open, self.is_in = None, True

    @precondition(lambda self: JoinRequest.objects.filter(organization=self.other).exists())
    @rule(accepts=st.booleans())
    def answer(self, accepts: bool) -> None:
        request = self._request()
        before = request.state
        try:
            join_answer(request=request, by=self.people[not request.is_invitation], accepts=accepts)
        except OrganizingError:
            assert before != State.OPEN
            return
        assert before == State.OPEN
        self.open, self.is_in = None, accepts

    @precondition(lambda self: JoinRequest.objects.filter(organization=self.other).exists())
    @rule()
    def take_back(self) -> None:
        request = self._request()
        before = request.state
        try:
            join_withdraw(request=request)
        except OrganizingError:
            assert before != State.OPEN
            return
        assert before == State.OPEN
        self.open = None

    @rule()
    def leave(self) -> None:
        campaign_leave(campaign=self.campaign, organization=self.other)
        self.is_in = False

    @invariant()
    def records_agree(self) -> None:
        waiting = list(JoinRequest.objects.filter(organization=self.other, state=State.OPEN))
        assert [request.is_invitation for request in waiting] == ([] if self.open is None else [self.open])
        links = list(
            CampaignPage.objects.get(pk=self.campaign.pk).organization_links.values_list("organization_id", flat=True)
        )
        assert links == [self.leader.pk] + [self.other.pk] * self.is_in
        leads = CampaignPage.objects.get(pk=self.campaign.pk).organization_links.filter(role="leads")
        assert [link.organization_id for link in leads] == [self.leader.pk]


class TestJoining(TestCase, Joining.TestCase):  # type: ignore[misc]
    """Runs the machine, each time in a transaction of its own."""

    settings = hypothesis_settings(max_examples=6, stateful_step_count=10, deadline=None)
