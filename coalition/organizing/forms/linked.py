"""What a campaign links to: found by words, ticked. Also organizations that are asked to join."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.http import QueryDict

from cms.base.models import BasePage
from cms.campaigns.models import CampaignPage, CampaignResource, CampaignStory
from cms.resources.models import ResourcePage
from cms.stories.models import StoryPage
from search.models import Document
from search.pages import search
from search.query import SearchQuery

MOST_FOUND = 12


def documents_found(words: str, kind: str) -> list[Document]:
    """Return what the site's own search finds of one kind, the best first."""
    if not words.strip():
        return []
    query = SearchQuery(text=words.strip()[:200], facets={"type": (kind,)})
    return [hit.document for hit in search(query, path="").hits][:MOST_FOUND]


def _ids(values: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found


class Linked:
    """The step of links to one kind of page: what is ticked, and what the words in the box find."""

    KIND: ClassVar[str]
    FIELDS: ClassVar[tuple[str, ...]]
    MODEL: ClassVar[type[BasePage]]
    LINK: ClassVar[Any]
    POINTS: ClassVar[str]

    def __init__(self, page: CampaignPage, data: QueryDict | None = None) -> None:
        self.words = data.get("find", "").strip() if data else ""
        before = [getattr(link, self.POINTS) for link in getattr(page, self.FIELDS[0]).all()]
        self.chosen: list[BasePage] = before
        if data is not None:
            wanted = _ids(data.getlist("linked"))
            mine = {one.public_id: one for one in before}
            public = self.MODEL._default_manager.filter(public_id__in=wanted).live().public()
            known = mine | {one.public_id: one for one in public}
            self.chosen = [known[public_id] for public_id in dict.fromkeys(wanted) if public_id in known]
        chosen = {one.pk for one in self.chosen}
        self.found = [document for document in documents_found(self.words, self.KIND) if document.page_id not in chosen]

    def is_valid(self) -> bool:
        """Whatever is ticked makes sense."""
        return True

    def removed(self) -> str:
        """Return nothing: no text is pasted here."""
        return ""

    def write(self, page: CampaignPage) -> None:
        """Link a page to what is ticked."""
        rows = [self.LINK(**{self.POINTS: one}, sort_order=i) for i, one in enumerate(self.chosen)]
        getattr(page, self.FIELDS[0]).set(rows)


class Stories(Linked):
    """The stories behind a campaign."""

    KIND, FIELDS, MODEL, LINK, POINTS = "story", ("story_links",), StoryPage, CampaignStory, "story"


class Resources(Linked):
    """What a campaign won or uses."""

    KIND, FIELDS, MODEL, LINK, POINTS = "resource", ("resource_links",), ResourcePage, CampaignResource, "resource"
