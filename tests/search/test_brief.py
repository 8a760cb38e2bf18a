"""The coalition brief, through its page."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.archives.models import EventPage, SessionPage
from cms.campaigns.models import CampaignOrganization, CampaignPage, CampaignResource, CampaignStory
from cms.taxonomy.models import Industry
from cms.taxonomy.schemes import Scheme
from search.brief import Brief
from search.matching.judging import judgement_record
from search.models import Document, Judgement, Link
from tests import factories
from tests.cms.base.test_qr import dark, modules

MOST_QUERIES = 15
pytestmark = pytest.mark.usefixtures("site")


def document(page: Any) -> Document:
    return Document.objects.get(public_id=page.public_id)


def industry(number: int) -> Any:
    return factories.concept(Scheme.INDUSTRY, f"Industry {number}", notation=str(900 + number))


def placed(page: Any, number: int) -> Any:
    """Return a page as it is in an industry of its own."""
    page.set_concepts(Scheme.INDUSTRY, [industry(number)])
    page.save()
    return page


def link(source: Any, target: Any, *, rank: int = 1, **reasons: Any) -> Link:
    return Link.objects.create(
        source=document(source), target=document(target), rank=rank, score=1.0 / rank, reasons=reasons
    )


def judge(one: Any, other: Any, verdict: Judgement.Verdict) -> None:
    judgement_record(one=document(one), other=document(other), verdict=verdict, reason="", user=None)


@pytest.fixture
def campaign() -> CampaignPage:
    """A campaign of industry 1, without links."""
    page = factories.campaign("Ours")
    page.demands.create(text="A person decides", state="open")
    return placed(page, 1)


def brief(client: Client, page: CampaignPage) -> tuple[str, Brief]:
    response = client.get(page.brief_url())
    assert response.status_code == 200
    found = next(context["brief"] for context in response.context if "brief" in context)
    return response.content.decode(), found


def titles(entries: list[Any]) -> list[str]:
    return [entry.document.title for entry in entries]


def test_every_campaign_leads_to_its_brief(visitor: Client) -> None:
    for page in CampaignPage.objects.live():
        assert f'href="{page.brief_url()}"' in visitor.get(page.relative_url(None)).content.decode()
        brief(visitor, page)


def test_it_says_what_is_demanded_and_nothing_about_others_while_nothing_is_linked(
    visitor: Client, campaign: CampaignPage
) -> None:
    html, found = brief(visitor, campaign)
    assert found == Brief()
    assert "A person decides" in html
    assert "Nothing from other industries is linked to this campaign yet." in html
    assert "Who else faces this" not in html
    assert "Whom to talk to" not in html


def test_it_shows_other_industries_only_in_groups_confirmed_first(visitor: Client, campaign: CampaignPage) -> None:
    same = factories.story("Same industry", industries=[industry(1)])
    two = factories.story("Two", industries=[industry(2)])
    also_two = factories.story("Also two", industries=[industry(2)])
    three = factories.story("Three", industries=[industry(3)])
    everywhere = factories.story("Everywhere", industries=[Industry.objects.get(slug="all-industries")])
    for rank, page in enumerate((same, everywhere, two, three, also_two), start=1):
        link(campaign, page, rank=rank)
    judge(campaign, three, Judgement.Verdict.CONFIRMED)
    judge(campaign, same, Judgement.Verdict.CONFIRMED)
    html, found = brief(visitor, campaign)
    groups = [(group.term.label if group.term else "", titles(group.stories)) for group in found.industries]
    assert groups == [
        ("Industry 3", ["Three"]),
        ("Industry 2", ["Two", "Also two"]),
        ("All industries", ["Everywhere"]),
    ]
    assert "Same industry" not in html
    assert "confirmed by an editor" in html


def test_what_an_editor_dismissed_is_nowhere(visitor: Client, campaign: CampaignPage) -> None:
    story = factories.story("Dismissed story", industries=[industry(2)])
    other = placed(factories.campaign("Dismissed campaign", outcome="won"), 2)
    link(campaign, story)
    link(campaign, other)
    assert "Dismissed story" in brief(visitor, campaign)[0]
    judge(story, campaign, Judgement.Verdict.DISMISSED)
    judge(campaign, other, Judgement.Verdict.DISMISSED)
    html, found = brief(visitor, campaign)
    assert found == Brief()
    assert "Dismissed" not in html


def test_what_won_stands_first_and_resources_only_when_they_won(visitor: Client, campaign: CampaignPage) -> None:
    for rank, outcome in enumerate(("lost", "open", "won", "partly-won"), start=1):
        link(campaign, placed(factories.campaign(f"Campaign {outcome}", outcome=outcome), 2), rank=rank)
    for rank, outcome in enumerate(("open", "won", ""), start=1):
        link(campaign, placed(factories.resource(f"Resource {outcome}", outcome=outcome), 2), rank=rank)
    html, found = brief(visitor, campaign)
    assert titles(found.campaigns) == ["Campaign won", "Campaign partly-won", "Campaign lost", "Campaign open"]
    assert titles(found.resources) == ["Resource won"]
    assert "What they did, and what was won" in html


def test_nothing_is_said_to_be_won_where_nothing_was(visitor: Client, campaign: CampaignPage) -> None:
    link(campaign, placed(factories.campaign("Still open"), 2))
    html, _found = brief(visitor, campaign)
    assert "What they do" in html
    assert "what was won" not in html


def test_what_the_campaign_names_itself_is_not_told_as_if_it_were_others(
    visitor: Client, campaign: CampaignPage
) -> None:
    story = factories.story("Own story", industries=[industry(2)])
    resource = placed(factories.resource("Own resource", outcome="won"), 2)
    organization = placed(factories.organization("Own organization"), 2)
    for page in (story, resource, organization):
        link(campaign, page)
    campaign.story_links.add(CampaignStory(story=story))
    campaign.resource_links.add(CampaignResource(resource=resource))
    campaign.organization_links.add(CampaignOrganization(organization=organization))
    campaign.save()
    assert brief(visitor, campaign)[1] == Brief()


def test_whom_to_talk_to_are_allies_with_what_is_public_of_them(visitor: Client, campaign: CampaignPage) -> None:
    runs = placed(factories.organization("Runs it", contact="call@example.org", website="https://runs.example/"), 2)
    linked = placed(factories.organization("Linked"), 3)
    employers = placed(factories.organization("Employers", kind="employer-association"), 3)
    hidden = factories.organization("Hidden", live=False)
    other = factories.campaign("Theirs", outcome="won")
    for organization in (runs, hidden):
        other.organization_links.add(CampaignOrganization(organization=organization))
    placed(other, 2)
    for rank, page in enumerate((other, linked, employers), start=1):
        link(campaign, page, rank=rank, shared=["technology:test-technology"])
    html, found = brief(visitor, campaign)
    assert titles(found.contacts) == ["Runs it", "Linked"]
    assert [campaign.title for campaign in found.contacts[0].campaigns] == ["Theirs"]
    assert found.contacts[1].sentence == "Both: test technology."
    assert 'href="mailto:call@example.org"' in html
    assert 'href="https://runs.example/"' in html
    assert "Hidden" not in html
    assert "Employers" not in html


def test_a_session_that_is_linked_to_the_campaign_is_told_of(visitor: Client, campaign: CampaignPage) -> None:
    page = SessionPage(title="A session", slug="a-session", kind="panel")
    factories.tag(page)
    event = EventPage.objects.live().first()
    assert event
    event.add_child(instance=page)
    session = document(placed(page, 2))
    Link.objects.create(
        source=session, target=document(campaign), rank=1, score=1, reasons={"sentences": ["Said there.", "Ours."]}
    )
    html, found = brief(visitor, campaign)
    assert titles(found.sessions) == [session.title]
    assert (found.sessions[0].reason.mine, found.sessions[0].reason.theirs) == ("Ours.", "Said there.")
    assert session.card["event"]["title"] in html
    judgement_record(one=document(campaign), other=session, verdict=Judgement.Verdict.DISMISSED, reason="", user=None)
    assert brief(visitor, campaign)[1] == Brief()


def test_reasons_are_said_and_at_most_one_pair_of_sentences_a_story(visitor: Client, campaign: CampaignPage) -> None:
    story = factories.story("Two", industries=[industry(2)])
    link(campaign, story, shared=["technology:test-technology"], sentences=["Ours is told.", "Theirs is told."])
    html, _found = brief(visitor, campaign)
    assert "Both: test technology." in html
    assert "The same technology: " in html
    assert (html.count("Ours is told."), html.count("Theirs is told.")) == (1, 1)
    assert html.count("<blockquote") == 2


def test_the_code_and_the_printed_addresses_lead_to_the_site(visitor: Client, campaign: CampaignPage) -> None:
    story = factories.story("Two", industries=[industry(2)])
    link(campaign, story)
    html, _found = brief(visitor, campaign)
    address = f"{settings.PUBLIC_URL}{campaign.relative_url(None)}"
    host = settings.PUBLIC_URL.partition("://")[2]
    codes = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert modules(next(code for code in codes if 'class="qr"' in code)) == dark(address)
    assert f'aria-label="QR code that leads to {host}/campaigns/{campaign.slug}"' in html
    assert f"Every address on this page begins with {host}." in html
    assert f'<p class="on-paper">/stories/{story.slug}/</p>' in html
    assert f'<link rel="canonical" href="{settings.PUBLIC_URL}{campaign.brief_url()}">' in html


def test_of_what_is_not_public_there_is_no_brief(visitor: Client, campaign: CampaignPage) -> None:
    address = campaign.brief_url()
    assert visitor.get("/campaigns/nothing/brief/").status_code == 404
    campaign.unpublish()
    assert visitor.get(address).status_code == 404


def test_the_brief_follows_its_campaign_to_another_address(visitor: Client, campaign: CampaignPage) -> None:
    campaign.slug = "moved"
    campaign.save()
    assert campaign.brief_url() == "/campaigns/moved/brief/"
    brief(visitor, campaign)


def test_no_update_takes_the_address_of_the_brief(campaign: CampaignPage) -> None:
    page = factories.update(campaign)
    page.slug = "brief"
    with pytest.raises(ValidationError, match="The brief of the campaign has this address"):
        page.full_clean()


def test_it_asks_little_however_much_is_linked(visitor: Client, campaign: CampaignPage) -> None:
    def asked() -> int:
        brief(visitor, campaign)
        with CaptureQueriesContext(connection) as queries:
            brief(visitor, campaign)
        assert len(queries) <= MOST_QUERIES
        return len(queries)

    def add(first: int, last: int) -> None:
        for number in range(first, last):
            other = factories.campaign(f"Theirs {number}", outcome="won")
            other.organization_links.add(CampaignOrganization(organization=factories.organization(contact="call us")))
            for page in (factories.story(industries=[industry(number)]), placed(other, number)):
                link(campaign, page, rank=number, shared=["technology:test-technology"])
            link(campaign, placed(factories.resource(outcome="won"), number), rank=number)

    # Confirmed without a link of the machine's: read apart.
    judge(campaign, factories.story(industries=[industry(9)]), Judgement.Verdict.CONFIRMED)
    add(2, 3)
    few = asked()
    add(3, 7)
    assert asked() == few


def test_the_sitemap_names_each_address_once(visitor: Client) -> None:
    addresses = re.findall(r"<loc>([^<]+)</loc>", visitor.get("/sitemap.xml").content.decode())
    campaigns = [address for address in addresses if "/campaigns/" in address]
    assert campaigns
    assert len(campaigns) == len(set(campaigns))


def test_it_is_there_in_spanish(visitor: Client, campaign: CampaignPage) -> None:
    other = placed(factories.campaign("Ganada", outcome="won"), 2)
    other.organization_links.add(CampaignOrganization(organization=factories.organization("Local 1")))
    other.save()
    link(campaign, other)
    link(campaign, factories.story("Two", industries=[industry(2)]), shared=["technology:test-technology"])
    html = visitor.get(campaign.brief_url(), headers={"accept-language": "es"}).content.decode()
    for words in (
        "Quién más enfrenta esto",
        "Lo que hicieron y lo que se ganó",
        "Con quién hablar",
        "Código QR que lleva",
    ):
        assert words in html
    assert "La misma tecnología: " in html


def test_it_loads_nothing_from_anybody_else_and_has_no_inline_style(visitor: Client, campaign: CampaignPage) -> None:
    html, _found = brief(visitor, campaign)
    assert re.findall(r'<(?:script|img|iframe|source)[^>]+src="', html) == []
    assert " style=" not in html


def test_what_one_sheet_does_not_hold_is_on_the_screen_alone_and_counted(
    visitor: Client, campaign: CampaignPage
) -> None:
    for number in range(1, 6):
        link(campaign, placed(factories.campaign(f"Won {number}", outcome="won"), 2), rank=number)
    for number in range(1, 4):
        link(campaign, placed(factories.resource(f"Kit {number}", outcome="won"), 2), rank=number)
    html, found = brief(visitor, campaign)
    assert found.left_over == 2
    hidden = re.findall(r'<li class="on-screen">.*?<h3.*?<a[^>]*>(.*?)</a>', html, re.DOTALL)
    assert hidden == ["Kit 2", "Kit 3"]
    host = settings.PUBLIC_URL.partition("://")[2]
    assert f"and 2 more at {host}{campaign.brief_url().rstrip('/')}" in re.sub(r"\s+", " ", html)
