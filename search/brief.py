"""The coalition brief: what a campaign's stored links and editors' judgements say, arranged for one printed page."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import OuterRef, Subquery

from cms.campaigns.models import CampaignPage
from cms.organizations.models import OrganizationPage
from search.linked import WON, Linked, linked_documents
from search.models import Document, Kind
from search.vocabulary import Term, Vocabulary

# More are read than are shown: what is of the campaign's own industry, or its own, is left out afterwards.
_READ = {
    Kind.STORY.value: 20,
    Kind.CAMPAIGN.value: 20,
    Kind.RESOURCE.value: 20,
    Kind.ORGANIZATION.value: 20,
    Kind.SESSION.value: 20,
}
MOST_STORIES = 6
MOST_CAMPAIGNS = 5
MOST_RESOURCES = 4
MOST_SESSIONS = 3
MOST_CONTACTS = 8
# What of it fits one sheet of paper; the rest is counted there, and stands on the screen.
PRINTED_STORIES, PRINTED_DEEDS, PRINTED_CONTACTS = 6, 6, 4


@dataclass(frozen=True)
class Industry:
    """An industry, and the stories told from it."""

    term: Term | None
    stories: list[Linked]


@dataclass(frozen=True)
class Contact:
    """An organization to talk to: how to reach it, and why.

    ``campaigns`` are those of the brief that it is in; ``sentence`` is what it shares with the campaign when it is
    linked itself, empty otherwise.
    """

    document: Document
    contact: str
    website: str
    campaigns: list[Document]
    sentence: str


@dataclass(frozen=True)
class Brief:
    """What a brief tells beside the campaign itself; every list may be empty, and then nothing is said."""

    industries: list[Industry] = field(default_factory=list)
    campaigns: list[Linked] = field(default_factory=list)
    resources: list[Linked] = field(default_factory=list)
    sessions: list[Linked] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)

    @property
    def something_was_won(self) -> bool:
        """Whether any of what others did won something."""
        return bool(self.resources) or any(_has_won(linked) for linked in self.campaigns)

    @property
    def stories(self) -> list[Linked]:
        """Who else faces it, in the page's order."""
        return [linked for industry in self.industries for linked in industry.stories]

    @property
    def deeds(self) -> list[Linked]:
        """What others did, in the page's order."""
        return [*self.campaigns, *self.resources, *self.sessions]

    # Every entry of the page asks.
    @cached_property
    def printed(self) -> frozenset[int]:
        """The documents that stand on the printed page as well: the first of each part, in the page's order."""
        on_paper: list[Linked | Contact] = [
            *self.stories[:PRINTED_STORIES],
            *self.deeds[:PRINTED_DEEDS],
            *self.contacts[:PRINTED_CONTACTS],
        ]
        return frozenset(entry.document.pk for entry in on_paper)

    @property
    def left_over(self) -> int:
        """How many are not printed."""
        shown: list[Linked | Contact] = [*self.stories, *self.deeds, *self.contacts]
        return len({entry.document.pk for entry in shown} - self.printed)


def brief_read(page: CampaignPage, document: Document | None, vocabulary: Vocabulary) -> Brief:
    """Return what the brief of a campaign tells: stored links and editors' word only, nothing is matched anew.

    What shares an industry with the campaign is left out, as is what the campaign names on its own page already.

    Args:
        page: the campaign, with its children as they are drawn.
        document: its document; None for a draft, whose brief is empty.
        vocabulary: labels in the reader's language.
    """
    if document is None:
        return Brief()
    found = linked_documents(document, vocabulary, limits=_READ, toward=(Kind.SESSION.value,))
    named = {
        *(link.organization_id for link in page.organization_links.all()),
        *(link.story_id for link in page.story_links.all()),
        *(link.resource_id for link in page.resource_links.all()),
    }
    elsewhere = {
        kind: [
            linked
            for linked in entries
            if linked.document.page_id not in named and not set(linked.document.subsectors) & set(document.subsectors)
        ]
        for kind, entries in found.items()
    }
    # What won something stands first; within that, and in what is cut off, an editor's word and then the rank decide.
    campaigns = sorted(elsewhere[Kind.CAMPAIGN][:MOST_CAMPAIGNS], key=lambda linked: not _has_won(linked))
    resources = [linked for linked in elsewhere[Kind.RESOURCE] if _has_won(linked)]
    return Brief(
        industries=_by_industry(elsewhere[Kind.STORY][:MOST_STORIES], vocabulary),
        campaigns=campaigns,
        resources=resources[:MOST_RESOURCES],
        sessions=elsewhere[Kind.SESSION][:MOST_SESSIONS],
        contacts=_contacts(elsewhere[Kind.ORGANIZATION], campaigns, named)[:MOST_CONTACTS],
    )


def _has_won(linked: Linked) -> bool:
    return linked.document.card.get("outcome") in WON


def _by_industry(stories: list[Linked], vocabulary: Vocabulary) -> list[Industry]:
    """Return stories under the first industry each names, in the order of the best story; all industries come last."""
    groups: dict[str, Industry] = {}
    for linked in stories:
        slugs = linked.document.card.get("tags", {}).get("industry", [])
        terms = [vocabulary.by_value.get(f"industry:{slug}") for slug in slugs]
        term = next((term for term in terms if term is not None), None)
        groups.setdefault(term.slug if term else "", Industry(term, [])).stories.append(linked)
    return sorted(groups.values(), key=lambda group: group.term is None or group.term.is_universal)


def _contacts(linked: list[Linked], campaigns: list[Linked], named: set[int]) -> list[Contact]:
    """Return organizations to talk to, each once: confirmed by an editor, in the campaigns, linked to this one.

    Employers' associations and public bodies are nobody's allies here, and left out.
    """
    in_campaigns: dict[str, list[Document]] = {}
    for campaign in campaigns:
        for organization in campaign.document.card.get("organizations", []):
            in_campaigns.setdefault(organization["url"], []).append(campaign.document)
    linked_by_url = {entry.document.url: entry for entry in linked}
    profile = OrganizationPage.objects.filter(pk=OuterRef("page_id"))
    organizations = (
        Document.objects.present()
        .filter(kind=Kind.ORGANIZATION, url__in=[*in_campaigns, *linked_by_url], card__is_ally=True)
        .exclude(page_id__in=named)
        .annotate(contact=Subquery(profile.values("contact")), website=Subquery(profile.values("website")))
        .defer("body", "words", "labels")
    )
    documents = {document.url: document for document in organizations}
    confirmed = [url for url, entry in linked_by_url.items() if entry.confirmed]
    contacts = []
    for url in dict.fromkeys([*confirmed, *in_campaigns, *linked_by_url]):
        document = documents.get(url)
        if document is not None:
            sentence = linked_by_url[url].reason.sentence if url in linked_by_url else ""
            reached = (document.contact or "", document.website or "")
            contacts.append(Contact(document, *reached, in_campaigns.get(url, []), sentence))
    return contacts
