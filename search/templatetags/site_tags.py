"""What templates ask for beside lists and matches: menu, topics, parts of a page. Few queries, whatever is listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, gettext
from wagtail.models import Page, Site

from cms.archives.models import EventPage, Participation, SessionPage
from cms.archives.people import Person
from cms.archives.webvtt import Cue, parse
from cms.base.models import BasePage, TaggedPage
from cms.base.outcomes import Outcome
from cms.base.qr import qr_svg
from cms.campaigns.models import (
    CampaignOrganization,
    CampaignPage,
    CampaignResource,
    CampaignStory,
    CampaignUpdatePage,
)
from cms.home.models import PlainPage
from cms.organizations.models import OrganizationPage
from cms.taxonomy.schemes import Scheme
from search.brief import Brief, brief_read
from search.children import children_read
from search.engines.choosing import engine
from search.models import Document, Kind
from search.pages import SearchPage
from search.templatetags.search_tags import _vocabulary
from search.vocabulary import Term

register = template.Library()

_FOUGHT_FOR = (Outcome.OPEN.value, Outcome.BARGAINING.value)
MOST_OTHER_NEWS = 6


def _documents() -> QuerySet[Document]:
    return Document.objects.present().defer("body", "words", "labels")


# --- every page ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MenuEntry:
    """A page in the menu; ``is_current`` when the reader is on it or below it."""

    title: str
    url: str
    is_current: bool


@register.simple_tag(takes_context=True)
def main_menu(context: RequestContext) -> dict[str, list[MenuEntry]]:
    """Return the pages below the front page that menus show: ``lists`` of content, and pages ``about`` the site."""
    request: HttpRequest | None = context.get("request")
    cached = getattr(request, "_main_menu", None)
    if cached is not None:
        return cached
    root = Site.objects.filter(is_default_site=True).values("root_page__path")[:1]
    pages = Page.objects.live().in_menu().filter(depth=3, path__startswith=root).order_by("path")
    menu: dict[str, list[MenuEntry]] = {"lists": [], "about": []}
    languages: dict[int, str] = {}
    here = request.path if request is not None else ""
    for page in pages.select_related("content_type", "locale"):
        languages[page.locale_id] = page.locale.language_code
        if url := address(page):
            part = "about" if page.content_type.model == PlainPage._meta.model_name else "lists"
            menu[part].append(MenuEntry(gettext(page.title), url, here.startswith(url)))
    if request is not None:
        request._main_menu, request._languages = menu, languages  # type: ignore[attr-defined]
    return menu


@register.filter
def address(page: Page) -> str:
    """Return a page's own address on this site. A resource's ``url`` is where its text is found."""
    return page.relative_url(None) or ""


@register.filter
def typed(url: str) -> str:
    """Return an address as somebody types it from paper: with the host, without scheme and closing slash."""
    whole = f"{settings.PUBLIC_URL}{url}" if url.startswith("/") else url
    return whole.partition("://")[2].rstrip("/") or whole


@register.simple_tag
def qr_code(url: str) -> SafeString:
    """Return the QR code of an address as an SVG; what stands around it says in words where it leads."""
    return qr_svg(url)


@register.filter
def language_name(code: str) -> str:
    """Return what a language calls itself."""
    return str(get_language_info(code)["name_local"]).capitalize()


@register.filter
def foreign(code: str) -> str:
    """Return a language code when it is not the one the reader has chosen, for a ``lang`` attribute; else nothing."""
    return "" if not code or code.split("-")[0] == (get_language() or "en").split("-")[0] else code


@register.simple_tag(takes_context=True)
def page_language(context: RequestContext, page: BasePage) -> str:
    """Return the language a page is written in when it is not the reader's."""
    main_menu(context)
    known: dict[int, str] = getattr(context.get("request"), "_languages", {})
    return foreign(known.get(page.locale_id) or (page.locale.language_code if page.locale_id else ""))


@register.simple_tag
def lang(code: str) -> SafeString:
    """Return a ``lang`` attribute for words in another language than the reader's; nothing for the reader's own."""
    other = foreign(code)
    return format_html('lang="{}"', other) if other else SafeString("")


@register.simple_tag(takes_context=True)
def own_words(context: RequestContext, page: BasePage, field: str) -> dict[str, str]:
    """Return a field of the site's own pages (what it is, its lists) translated where the catalogue knows it.

    Returns:
        The ``text``, and the ``language`` it is in when that is not the reader's.
    """
    written = getattr(page, field)
    text = gettext(written) if written else ""
    return {"text": text, "language": page_language(context, page) if text == written else ""}


@register.simple_tag
def sample(entry: dict[str, Any]) -> SafeString:
    """Return a component drawn with its sample context, for the style guide."""
    return render_to_string(entry["template"], entry["context"])


# --- moments ------------------------------------------------------------------------------------------------------


@register.filter
def moment(when: Iterable[int | None]) -> str:
    """Return ``[year, month]``, of which the month may be missing, in words."""
    year, month = (*when, None, None)[:2]
    return date_format(date(year, month, 1), "YEAR_MONTH_FORMAT") if year and month else str(year or "")


@register.filter
def when_of(page: Any) -> str:
    """Return a page's year and month in words; empty when there is no year."""
    return moment([page.when_year, page.when_month])


@register.filter
def timecode(seconds: float) -> str:
    """Return seconds as minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def cues(transcript: str) -> list[Cue]:
    """Return the passages of a transcript; none when it cannot be read."""
    try:
        return parse(transcript) if transcript else []
    except ValueError:
        return []


# --- a page, and what it is about ---------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def gather(context: RequestContext, page: TaggedPage) -> Document | None:
    """Return a page's document, and read all children of the page that its template draws: in one query.

    A draft in preview has its children in memory already, and may have no document.
    """
    request = context.get("request")
    if getattr(request, "is_preview", False) or page.pk is None:
        return None
    cached = getattr(request, "_page_document", None)
    if cached is not None and cached.public_id == page.public_id:
        return cached
    document = children_read(page, _documents())
    if request is not None:
        request._page_document = document
    return document


@dataclass(frozen=True)
class TopicGroup:
    """The concepts of one scheme that a page carries."""

    scheme: str
    label: str
    terms: list[Term]


@register.simple_tag(takes_context=True)
def topics_of(context: RequestContext, page: TaggedPage) -> list[TopicGroup]:
    """Return everything a page is tagged with, by scheme; from its document, or from itself while it is a draft."""
    document = gather(context, page)
    vocabulary = _vocabulary(context)
    groups = []
    for scheme in Scheme:
        if document is not None:
            values = [f"{scheme.value}:{slug}" for slug in document.card.get("tags", {}).get(scheme.value, [])]
            found = [vocabulary.by_value.get(value) for value in values]
        else:
            found = [vocabulary.by_id.get(concept.pk) for concept in page.concepts(scheme)]
        terms = [term for term in found if term is not None]
        if terms:
            groups.append(TopicGroup(scheme.value, str(scheme.label), terms))
    return groups


@register.simple_tag(takes_context=True)
def terms_of(context: RequestContext, page: TaggedPage, scheme: str) -> list[Term]:
    """Return the concepts of one scheme that a page carries."""
    if not isinstance(page, TaggedPage):
        return []
    return next((group.terms for group in topics_of(context, page) if group.scheme == scheme), [])


# --- parts of pages -----------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def parts_of(context: RequestContext, page: BasePage) -> dict[str, Any]:
    """Return what belongs to a page beside its own fields and children, by the type of the page; read once a page."""
    if not hasattr(page, "_parts"):
        if isinstance(page, TaggedPage):
            gather(context, page)
        page._parts = next((read(page) for kind, read in _PARTS.items() if isinstance(page, kind)), {})
    return page._parts


@register.simple_tag(takes_context=True)
def brief_of(context: RequestContext, page: CampaignPage) -> Brief:
    """Return what the brief of a campaign tells beside the campaign itself."""
    return brief_read(page, gather(context, page), _vocabulary(context))


def _campaign_parts(page: CampaignPage) -> dict[str, Any]:
    """Return public updates (newest first), organizations with their roles, stories behind it, resources."""
    links = list(page.organization_links.all())
    roles: dict[int, CampaignOrganization] = {link.organization_id: link for link in links if link.organization_id}
    stories = [link.story_id for link in page.story_links.all()]
    resources = [link.resource_id for link in page.resource_links.all()]
    news = Q(kind=Kind.UPDATE, page_id__in=Page.objects.child_of(page).values("pk")) if page.pk else Q()
    found = _documents().filter(Q(page_id__in=[*roles, *stories, *resources]) | news).order_by("-date", "-version")
    by_page = {document.page_id: document for document in found}
    organizations = [(link, by_page[pk]) for pk, link in roles.items() if pk in by_page]
    order = list(CampaignOrganization.Role.values)
    return {
        "updates": [document for document in by_page.values() if document.kind == Kind.UPDATE],
        "organizations": sorted(organizations, key=lambda entry: order.index(entry[0].role)),
        "gone": [link.organization_name for link in links if not link.organization_id and link.organization_name],
        "stories": [by_page[pk] for pk in stories if pk in by_page],
        "resources": [by_page[pk] for pk in resources if pk in by_page],
    }


def _update_parts(page: CampaignUpdatePage) -> dict[str, Any]:
    """Return the campaign an update is news of, and that campaign's other news, newest first."""
    above = page.path[: -page.steplen]
    family = Page.objects.filter(Q(path=above) | Q(path__startswith=above, depth=page.depth)).exclude(pk=page.pk)
    found = list(_documents().filter(page_id__in=family.values("pk")).order_by("-date", "-version"))
    return {
        "campaign": next((document for document in found if document.kind == Kind.CAMPAIGN), None),
        "others": [document for document in found if document.kind == Kind.UPDATE][:MOST_OTHER_NEWS],
    }


def _event_parts(page: EventPage) -> dict[str, Any]:
    """Return sessions in order of time with who took part in each, and the stories told at the event."""
    sessions = list(SessionPage.objects.child_of(page).live().public().order_by("starts_at", "path")) if page.pk else []
    people: dict[int, list[Participation]] = {session.pk: [] for session in sessions}
    if people:
        taking_part = Participation.objects.filter(page__in=[*people]).select_related("person").order_by("sort_order")
        for participation in taking_part:
            people[participation.page_id].append(participation)
    return {"sessions": [(session, people[session.pk]) for session in sessions], "stories": _told(page)}


def _session_parts(page: SessionPage) -> dict[str, Any]:
    return {"stories": _told(page)}


def _told(page: EventPage | SessionPage) -> list[Document]:
    """Return the public stories told there, in the editor's order."""
    ids = [link.story_id for link in page.told_story_links.all()]
    found = {document.page_id: document for document in _documents().filter(page_id__in=ids)} if ids else {}
    return [found[pk] for pk in ids if pk in found]


def _organization_parts(page: OrganizationPage) -> dict[str, Any]:
    """Return what an organization is part of, and what is part of it."""
    below = OrganizationPage.objects.filter(parent_organization_id=page.pk, parent_organization__isnull=False)
    family = Q(page_id=page.parent_organization_id or 0) | Q(page_id__in=below.values("pk"))
    found = list(_documents().filter(family).order_by("title"))
    return {
        "above": next((document for document in found if document.page_id == page.parent_organization_id), None),
        "below": [document for document in found if document.page_id != page.parent_organization_id],
    }


def _campaigns(page: TaggedPage) -> dict[str, Any]:
    """Return the public campaigns that a story stands behind, or that use a resource."""
    behind = CampaignStory.objects.filter(story_id=page.pk).values("campaign_id")
    using = CampaignResource.objects.filter(resource_id=page.pk).values("campaign_id")
    found = _documents().filter(Q(page_id__in=behind) | Q(page_id__in=using)) if page.pk else Document.objects.none()
    return {"campaigns": list(found.order_by("-date", "title"))}


_PARTS: dict[type[BasePage], Any] = {
    CampaignPage: _campaign_parts,
    CampaignUpdatePage: _update_parts,
    EventPage: _event_parts,
    SessionPage: _session_parts,
    OrganizationPage: _organization_parts,
    TaggedPage: _campaigns,
}


# --- people -------------------------------------------------------------------------------------------------------


@register.simple_tag
def with_documents(participations: Iterable[Participation]) -> list[tuple[Participation, Document | None]]:
    """Return participations, each with the document of its event or session."""
    rows = list(participations)
    found = {document.page_id: document for document in _documents().filter(page_id__in=[row.page_id for row in rows])}
    return [(row, found.get(row.page_id)) for row in rows]


@register.simple_tag
def with_affiliations(people: QuerySet[Person]) -> list[tuple[Person, str]]:
    """Return people, each with the organization they last spoke for."""
    newest = Participation.objects.order_by("-pk").exclude(affiliation="")
    everyone = people.prefetch_related(Prefetch("participations", queryset=newest, to_attr="spoke_for"))
    return [(person, person.spoke_for[0].affiliation if person.spoke_for else "") for person in everyone]


# --- lists --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """What is being fought for, where nothing was won yet: how much, and where it is listed."""

    count: int
    url: str


@register.simple_tag
def being_tried(results: SearchPage) -> Tried | None:
    """Return what is being tried, when a list of what was won is empty; None for any other list."""
    asked = set(results.query.facets.get("outcome", ()))
    if results.total or not asked or not asked <= {Outcome.WON.value, Outcome.PARTLY.value}:
        return None
    query = results.query.without_facet("outcome")
    for outcome in _FOUGHT_FOR:
        query = query.with_value("outcome", outcome)
    return Tried(engine().totals([(query, results.text)])[0], query.url(results.path))
