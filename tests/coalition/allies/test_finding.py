"""Who could be an ally: other industries first, the reason in words that the data holds, and the picture as a table."""

import pytest
from django.urls import reverse

from cms.campaigns.models import CampaignOrganization
from cms.organizations.models import OrganizationPage
from cms.taxonomy.schemes import Scheme
from tests import factories
from tests.coalition.people import person, signed_in

pytestmark = pytest.mark.usefixtures("site")


def make(title: str, industry: str, **tags: list[str]) -> OrganizationPage:
    page = factories.organization(title)
    page.set_concepts(Scheme.INDUSTRY, [factories.concept(Scheme.INDUSTRY, industry, notation=industry[:3])])
    for scheme, labels in tags.items():
        page.set_concepts(Scheme(scheme), [factories.concept(Scheme(scheme), label) for label in labels])
    page.save()
    return page


@pytest.fixture
def nurses() -> OrganizationPage:
    return make("Nurses", "622 wards", technology=["Badges that count"], harm=["Watched at every step"])


def found(organization: OrganizationPage, **params: str) -> list[tuple[str, str]]:
    client = signed_in(person(f"o{organization.pk}-{len(params)}", organization, "organizer"))
    answer = client.get(reverse("allies", args=[organization.public_id]), params)
    return [(ally.kin.document.title, ally.why) for ally in answer.context["found"].allies]


def test_an_ally_faces_the_same_in_another_industry_and_has_won(nurses: OrganizationPage) -> None:
    drivers = make("Drivers", "484 roads", technology=["Badges that count"], harm=["Watched at every step"])
    make("Other nurses", "622 wards", technology=["Badges that count"])
    make("Bakers", "311 ovens", technology=["Ovens that talk"])
    campaign = factories.campaign("Badges off", outcome="won", ended="2024-03-01")
    campaign.set_concepts(Scheme.TECHNOLOGY, [factories.concept(Scheme.TECHNOLOGY, "Badges that count")])
    campaign.demands.create(text="No badge in the break room", state="won")
    campaign.demands.create(text="No badge at all", state="lost")
    CampaignOrganization.objects.create(campaign=campaign, organization=drivers, role="leads")
    campaign.save()
    allies = dict(found(nurses))
    assert allies["Drivers"] == (
        "Both face badges that count and watched at every step. They won “No badge in the break room” in 2024."
    )
    assert "Other nurses" not in allies
    assert "Bakers" not in allies
    assert "Nurses" not in allies
    assert "Other nurses" in dict(found(nurses, own="1"))


def test_filters_narrow_and_garbage_does_not(nurses: OrganizationPage) -> None:
    make("Drivers", "484 roads", technology=["Badges that count"], harm=["Watched at every step"])
    make("Bakers", "311 ovens", technology=["Badges that count"])
    harm = factories.concept(Scheme.HARM, "Watched at every step").slug
    assert {title for title, _why in found(nurses, harm=harm)} == {"Drivers"}
    assert {"Drivers", "Bakers"} <= {title for title, _why in found(nurses, harm="no-such", place="%00", a="1")}


def test_what_few_share_counts_for_more(nurses: OrganizationPage) -> None:
    for number in range(8):
        make(f"Local {number}", "484 roads", technology=["Badges that count"])
    make("Rare", "311 ovens", harm=["Watched at every step"])
    titles = [title for title, _why in found(nurses)]
    assert titles.index("Rare") < titles.index("Local 0")


def test_the_table_says_what_the_picture_shows(nurses: OrganizationPage) -> None:
    for number in range(3):
        make(f"Local {number}", "484 roads", technology=["Badges that count"])
    client = signed_in(person("ada", nurses, "member"))
    answer = client.get(reverse("allies_network", args=[nurses.public_id]))
    html = answer.content.decode()
    nodes = answer.context["network"].nodes
    assert [node.number for node in nodes] == list(range(1, len(nodes) + 1))
    for node in nodes:
        assert html.count(f">{node.number}</text>") == 1
        assert html.count(node.ally.kin.document.title) == 1
        assert 25 <= node.x <= 615
        assert 25 <= node.y <= 615
    assert "style=" not in html


def test_strangers_see_nobodys_allies(nurses: OrganizationPage) -> None:
    stranger = signed_in(person("eve", factories.organization(), "owner"))
    for name in ("allies", "allies_network", "introductions"):
        assert stranger.get(reverse(name, args=[nurses.public_id])).status_code == 404
