"""What a page says, as one flat row: pure reading, nothing is written here."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from wagtail.models import Page

from cms.archives.models import EventPage, SessionPage
from cms.base.models import BasePage, TaggedPage
from cms.base.tags import stored_concept_ids
from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from cms.organizations.models import OrganizationPage
from cms.resources.models import ResourcePage
from cms.stories.models import StoryPage
from cms.taxonomy.schemes import Scheme
from search.models import Kind
from search.text import firm_key, plain
from search.vocabulary import Vocabulary

KIND_OF: dict[type[BasePage], Kind] = {
    StoryPage: Kind.STORY,
    CampaignPage: Kind.CAMPAIGN,
    CampaignUpdatePage: Kind.UPDATE,
    ResourcePage: Kind.RESOURCE,
    OrganizationPage: Kind.ORGANIZATION,
    EventPage: Kind.EVENT,
    SessionPage: Kind.SESSION,
}


@dataclass
class Projection:
    """The fields of a document, taken from its page."""

    kind: str
    language: str
    title: str
    standfirst: str
    body: str
    labels: str
    url: str
    date: datetime.date | None
    facets: list[str]
    concepts: list[str]
    products: list[str] = field(default_factory=list)
    vendors: list[str] = field(default_factory=list)
    subsectors: list[str] = field(default_factory=list)
    sectors: list[str] = field(default_factory=list)
    card: dict[str, Any] = field(default_factory=dict)
    is_demonstration: bool = False


def is_searchable(page: Page) -> bool:
    """Whether a page is a document at all: of a type that is searched, and no alias, which says what another says."""
    return type(page) in KIND_OF and page.alias_of_id is None


def is_public(page: Page) -> bool:
    """Whether anybody may read the page: live, and no view restriction on it or above it."""
    return bool(page.live) and Page.objects.filter(pk=page.pk).live().public().exists()


def project(page: BasePage, vocabulary: Vocabulary) -> Projection:
    """Return what the page says.

    Args:
        page: a specific page of one of the types in ``KIND_OF``, as it is stored.
        vocabulary: with labels in the page's language.
    """
    kind = KIND_OF[type(page)]
    tagged = page.campaign() if isinstance(page, CampaignUpdatePage) else page
    projection = Projection(
        kind=kind,
        language=page.locale.language_code.split("-")[0],
        title=page.title,
        standfirst="",
        body="",
        labels="",
        # Site-relative, so that nothing depends on the host it was written on.
        url=page.relative_url(None) or page.url or "",
        date=_date(page),
        facets=[f"type:{kind}"],
        concepts=[],
        is_demonstration=page.is_demonstration,
    )
    if isinstance(tagged, TaggedPage):
        _add_tags(projection, tagged, vocabulary)
    if isinstance(page, CampaignUpdatePage):
        projection.body = _stream_text(page.text)
        projection.standfirst = projection.body.split("\n")[0][:280]
    elif isinstance(page, TaggedPage):
        projection.standfirst = page.standfirst
        projection.body = body_text(page)
    _add_particulars(projection, page)
    if projection.date:
        projection.facets.append(f"year:{projection.date.year}")
    projection.facets = sorted(set(projection.facets))
    return projection


def body_text(page: TaggedPage) -> str:
    """Return what a page says below headline and standfirst, as it stands in memory, in plain text."""
    more = [plain(part) for part in page.more_text() if part]
    return "\n".join(part for part in [_stream_text(page.body), *more] if part)


def _stream_text(stream: Any) -> str:
    parts: list[str] = []
    for block in stream:
        if block.block_type == "paragraph":
            parts.append(plain(block.value.source))
        elif block.block_type == "quote":
            parts.append(f"{block.value['text']}\n{block.value['speaker']}")
        elif block.block_type == "figure" and block.value.get("caption"):
            parts.append(block.value["caption"])
    return "\n".join(part for part in parts if part)


def _date(page: BasePage) -> datetime.date | None:
    if isinstance(page, StoryPage):
        return page.when()
    if isinstance(page, CampaignUpdatePage):
        return page.date
    if isinstance(page, EventPage):
        return page.start_date
    if isinstance(page, SessionPage) and page.starts_at:
        return page.starts_at.date()
    if isinstance(page, ResourcePage):
        return page.as_of
    if isinstance(page, CampaignPage):
        return page.ended or page.started
    return None


def _add_tags(projection: Projection, page: TaggedPage, vocabulary: Vocabulary) -> None:
    tags: dict[str, list[str]] = {}
    labels: list[str] = []
    subsectors: set[str] = set()
    sectors: set[str] = set()
    stored = stored_concept_ids(page.pk)
    for scheme in Scheme:
        for pk in stored[scheme]:
            term = vocabulary.by_id.get(pk)
            if term is None:
                continue
            tags.setdefault(scheme.value, []).append(term.slug)
            projection.concepts.append(term.value)
            labels.append(term.label)
            projection.facets.extend(ancestor.value for ancestor in vocabulary.ancestors(term))
            if scheme is Scheme.INDUSTRY:
                subsectors |= vocabulary.subsectors(term)
                sector = vocabulary.sector(term)
                sectors |= {sector} if sector else set()
    for product in page.products():
        projection.products.append(product.name)
        labels.append(product.name)
        projection.facets.append(f"product:{product.name}")
        if product.vendor:
            projection.vendors.append(product.vendor.name)
            labels.append(product.vendor.name)
            projection.facets.append(f"vendor:{product.vendor.name}")
    projection.labels = "\n".join(labels)
    projection.subsectors, projection.sectors = sorted(subsectors), sorted(sectors)
    projection.card["tags"] = tags


def _add_particulars(projection: Projection, page: BasePage) -> None:
    card = projection.card
    if isinstance(page, StoryPage):
        projection.facets.append(f"stage:{page.stage}")
        if employer := firm_key(page.employer):
            # Nobody filters by it; matching does.
            projection.facets.append(f"employer:{employer}")
        card.update(stage=page.stage, standing=page.standing, employer=page.employer, is_brief=page.is_brief)
        card["when"] = [page.when_year, page.when_month] if page.when_year else []
        # The campaigns behind it lend it their organizations, so that "who fights this" finds it.
        links = page.campaign_links.filter(campaign__live=True).select_related("campaign")
        for link in links:
            projection.facets.extend(f"organization:{org.slug}" for org in link.campaign.organizations() if org.live)
    elif isinstance(page, CampaignPage):
        organizations = [organization for organization in page.organizations() if organization.live]
        projection.facets.append(f"outcome:{page.outcome}")
        projection.facets.extend(f"outcome:{demand.state}" for demand in page.demands.all())
        projection.facets.extend(f"organization:{organization.slug}" for organization in organizations)
        card.update(outcome=page.outcome, outcome_text=plain(page.outcome_text), contact=page.contact)
        card["organizations"] = [{"title": org.title, "url": org.relative_url(None)} for org in organizations]
        card["demands"] = [{"text": demand.text, "state": demand.state} for demand in page.demands.all()]
    elif isinstance(page, CampaignUpdatePage):
        campaign = page.campaign()
        card["is_win"] = page.is_win
        if campaign is not None:
            card["campaign"] = {"title": campaign.title, "url": campaign.relative_url(None)}
            projection.facets.extend(f"organization:{org.slug}" for org in campaign.organizations() if org.live)
    elif isinstance(page, ResourcePage):
        projection.facets.append(f"form:{page.kind}")
        if page.outcome:
            projection.facets.append(f"outcome:{page.outcome}")
        card.update(form=page.kind, outcome=page.outcome, state=page.state, what_it_wins=plain(page.what_it_wins))
        card["as_of"] = page.as_of.isoformat() if page.as_of else ""
    elif isinstance(page, OrganizationPage):
        projection.facets.extend([f"form:{page.kind}", f"organization:{page.slug}"])
        card.update(form=page.kind, short_name=page.short_name, is_ally=page.is_ally, contact=page.contact)
    elif isinstance(page, EventPage):
        card.update(
            start=page.start_date.isoformat(), end=page.end_date.isoformat() if page.end_date else "", venue=page.venue
        )
    elif isinstance(page, SessionPage):
        event = page.get_parent()
        card.update(form=page.kind, event={"title": event.title, "url": event.relative_url(None)})
