"""Two entries of one organization become one, and nothing of either is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.campaigns.models import CampaignOrganization, CampaignPage
from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.roles import EDITORS
from coalition.mail.models import OutgoingMail
from coalition.membership.applications import application_make
from coalition.membership.merging import organization_merge
from coalition.membership.models import Application, Membership, Practice
from coalition.membership.selectors import reviews_first
from coalition.organizing.joining import join_propose
from coalition.organizing.models import JoinRequest
from search.models import Document
from tests import factories

pytestmark = pytest.mark.django_db
People = Callable[..., User]
SignIn = Callable[[User], Client]


def test_people_campaigns_and_the_address_go_to_the_other(
    organization: OrganizationPage, person: People, signed_in: SignIn
) -> None:
    twin = factories.organization("Coast Nurses")
    below = factories.organization("Ward 3", parent_organization=twin)
    ada = person("ada", organization, "member")
    person("ben", twin, "owner")
    Membership.objects.create(organization=twin, user=ada, role="owner")
    campaign, joint = factories.campaign("No badges"), factories.campaign("No cameras")
    CampaignOrganization.objects.create(campaign=campaign, organization=twin, role="leads")
    CampaignOrganization.objects.create(campaign=joint, organization=twin, role="leads")
    CampaignOrganization.objects.create(campaign=joint, organization=organization, role="supports")
    editor = person("edith")
    editor.groups.add(Group.objects.get_or_create(name=EDITORS)[0])
    old, public_id = twin.url, twin.public_id
    response = signed_in(editor).post(reverse("organizations_merge"), {"gone": twin.pk, "kept": organization.pk})
    assert response.headers["Location"] == organization.url
    links = CampaignOrganization.objects.filter(campaign__in=[campaign, joint]).values_list(
        "campaign__title", "organization__title", "role"
    )
    assert sorted(links) == [
        ("No badges", "Nurses of the Coast", "leads"),
        ("No cameras", "Nurses of the Coast", "leads"),
    ]
    assert sorted(Membership.objects.values_list("user__display_name", "role")) == [("Ada", "owner"), ("Ben", "owner")]
    below.refresh_from_db()
    assert below.parent_organization == organization
    assert not OrganizationPage.objects.filter(title="Coast Nurses").exists()
    assert Document.objects.get(public_id=public_id).is_gone
    assert Document.objects.get(title="No badges").card["organizations"] == [
        {"title": "Nurses of the Coast", "url": organization.url}
    ]
    answer = Client().get(old)
    assert (answer.status_code, answer.headers["Location"]) == (301, organization.url)


def test_one_organization_is_not_merged_with_itself_or_into_a_draft(organization: OrganizationPage) -> None:
    with pytest.raises(ValidationError, match="Choose two different"):
        organization_merge(gone=organization, kept=organization)
    with pytest.raises(ValidationError, match="is not published"):
        organization_merge(gone=organization, kept=factories.organization(live=False))


def test_only_editors_merge(organization: OrganizationPage, person: People, signed_in: SignIn) -> None:
    ada = person("ada", organization, "owner")
    assert signed_in(ada).get(reverse("organizations_merge")).status_code == 403


def merged(gone: OrganizationPage, kept: OrganizationPage) -> None:
    """Merge two as an editor does, at the page."""
    editor = factories.user(groups=(EDITORS,), second_lock=True)
    address = reverse("organizations_merge")
    response = factories.client_of(editor).post(address, {"gone": gone.pk, "kept": kept.pk})
    assert response.headers["Location"] == kept.url


def test_drafts_from_before_know_the_one_that_stays(organization: OrganizationPage, person: People) -> None:
    twin = factories.organization("Coast Nurses")
    ben = person("ben", twin, "organizer")
    alone, joint = factories.campaign("No badges"), factories.campaign("No cameras")
    alone.organization_links.add(CampaignOrganization(organization=twin, role="leads"))
    joint.organization_links.add(CampaignOrganization(organization=twin, role="leads"))
    joint.organization_links.add(CampaignOrganization(organization=organization, role="supports"))
    for campaign in (alone, joint):
        campaign.save()
        campaign.save_revision().publish()
        draft = campaign.get_latest_revision_as_object()
        draft.standfirst = "Written before"
        draft.save_revision(user=ben)
    merged(twin, organization)
    client = factories.client_of(ben)
    for campaign in (alone, joint):
        address = f"/organize/campaigns/{campaign.public_id}/publish/"
        version = client.get(address).context["version"]
        assert client.post(address, {"version": version, "change": "small"}).status_code == 302
        stored = CampaignPage.objects.get(pk=campaign.pk)
        assert stored.standfirst == "Written before"
        links = stored.organization_links.values_list("organization__title", "organization_name", "role")
        assert list(links) == [("Nurses of the Coast", "Nurses of the Coast", "leads")]


def test_a_scheduled_text_from_before_knows_the_one_that_stays(organization: OrganizationPage) -> None:
    twin = factories.organization("Coast Nurses")
    campaign = factories.campaign("No badges", live=False)
    campaign.organization_links.add(CampaignOrganization(organization=twin, role="leads"))
    campaign.go_live_at = timezone.now() + timedelta(days=1)
    campaign.save_revision().publish()
    later = CampaignPage.objects.get(pk=campaign.pk).get_latest_revision_as_object()
    later.go_live_at = None
    later.save_revision()
    merged(twin, organization)
    scheduled = CampaignPage.objects.get(pk=campaign.pk).revisions.get(approved_go_live_at__isnull=False)
    assert [link.organization for link in scheduled.as_object().organization_links.all()] == [organization]


def test_a_draft_of_an_organization_below_knows_the_one_that_stays(organization: OrganizationPage) -> None:
    twin = factories.organization("Coast Nurses")
    below = factories.organization("Ward 3", parent_organization=twin)
    below.save_revision().publish()
    only_in_the_draft = factories.organization("Ward 4")
    only_in_the_draft.parent_organization = twin
    only_in_the_draft.save_revision()
    merged(twin, organization)
    for ward in (below, only_in_the_draft):
        draft = OrganizationPage.objects.get(pk=ward.pk).get_latest_revision_as_object()
        assert draft.parent_organization == organization


def test_who_asked_for_the_one_that_goes_has_asked_for_the_other(
    organization: OrganizationPage, person: People
) -> None:
    twin = factories.organization("Coast Nurses")
    ben, cleo, dan = person("ben"), person("cleo"), person("dan")
    person("ada", organization, "owner")
    for user in (ben, cleo):
        application_make(organization=twin, user=user, note="Mine.")
    Application.objects.create(organization=organization, user=cleo, kind="join", note="Ours.")
    proposed = factories.organization("Nurses, Coast", live=False)
    Application.objects.create(organization=proposed, user=dan, kind="new", note="New here.")
    merged(twin, organization)
    merged(proposed, organization)
    assert list(
        Application.objects.order_by("pk").values_list("user__display_name", "kind", "state", "organization")
    ) == [
        # The organization has an owner, who decides now.
        ("Ben", "join", "open", organization.pk),
        # Asked twice is asked once.
        ("Cleo", "join", "open", organization.pk),
        ("Dan", "new", "refused", organization.pk),
    ]
    (told,) = OutgoingMail.objects.filter(kind="application")
    assert told.to == "dan@example.org"
    assert "Nurses of the Coast" in Application.objects.get(user=dan).answer


def test_requests_to_join_a_campaign_are_the_others(organization: OrganizationPage, person: People) -> None:
    twin, leader = factories.organization("Coast Nurses"), factories.organization("Dockers")
    asked, both, within = factories.campaign("Asked"), factories.campaign("Both"), factories.campaign("Within")
    for campaign in (asked, both, within):
        CampaignOrganization.objects.create(campaign=campaign, organization=leader, role="leads")
        join_propose(
            campaign=campaign, organization=twin, role="supports", by=person(campaign.title), is_invitation=True
        )
    join_propose(campaign=both, organization=organization, role="supports", by=person("eve"), is_invitation=True)
    CampaignOrganization.objects.create(campaign=within, organization=organization, role="supports")
    merged(twin, organization)
    rows = JoinRequest.objects.order_by("campaign__title").values_list("campaign__title", "organization", "state")
    assert list(rows) == [("Asked", organization.pk, "open"), ("Both", organization.pk, "open")]


def test_the_stricter_practice_stays(organization: OrganizationPage) -> None:
    strict, lax = factories.organization("Coast Nurses"), factories.organization("Nurses, Coast")
    Practice.objects.create(organization=strict, publishing="review")
    Practice.objects.create(organization=lax, publishing="at-once")
    merged(strict, organization)
    assert reviews_first(organization)
    merged(lax, organization)
    assert reviews_first(organization)
