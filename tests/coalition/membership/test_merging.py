"""Two entries of one organization become one, and nothing of either is lost."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cms.campaigns.models import CampaignOrganization
from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.accounts.roles import EDITORS
from coalition.membership.merging import organization_merge
from coalition.membership.models import Membership
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
