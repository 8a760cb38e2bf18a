"""Every public field of a story, as one JSON object: of a text that is proposed, and of a page. Equal means equal.

Concepts stand in it by their public ids, so that a better name of one is no other text. One that was merged is
followed to what it was merged into.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.html import escape
from wagtail.models import Locale
from wagtail.rich_text import RichText

from cms.base.models import TaggedPage
from cms.stories.models import StoryPage
from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme

Content = dict[str, Any]

# Schemes that a text of ours can carry; a page that carries another one says something else.
SCHEMES = (Scheme.INDUSTRY, Scheme.TECHNOLOGY, Scheme.HARM, Scheme.OCCUPATION, Scheme.PLACE)
WORDS = ("headline", "standfirst", "content_note", "employer", "stage", "standing", "language")
# What an editor's form adds to a paragraph: no reader sees it.
_BLOCK_KEY = re.compile(r' data-block-key="[^"]*"')


def content_make(**given: Any) -> Content:
    """Return a whole content; what is not named is empty."""
    content: Content = {name: str(given.get(name) or "") for name in WORDS}
    content["body"] = [str(paragraph) for paragraph in given.get("body") or []]
    for scheme in SCHEMES:
        content[scheme.value] = [str(each) for each in given.get(scheme.value) or []]
    content["year"], content["month"] = given.get("year") or None, given.get("month") or None
    return content


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return the one way to write a content down."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def sha256(content: Mapping[str, Any]) -> bytes:
    """Return the hash of every public field."""
    return hashlib.sha256(canonical(content)).digest()


def html_of(body: list[str]) -> str:
    """Return paragraphs as the page holds them."""
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in body)


def public_fields(page: StoryPage) -> dict[str, Any]:
    """Return every public field of a page, as it stands in memory, in the shape of :func:`as_page`."""
    said: dict[str, Any] = {
        "headline": page.title,
        "standfirst": page.standfirst,
        "content_note": page.content_note,
        "employer": page.employer,
        "stage": page.stage,
        "standing": page.standing,
        "language": page.locale.language_code,
        "year": page.when_year,
        "month": page.when_month,
        "body": [
            _BLOCK_KEY.sub("", block.value.source)
            if block.block_type == "paragraph"
            else json.dumps(block.get_prep_value(), default=str)
            for block in page.body
        ],
        # What no text of ours has.
        "more": [
            *(str(each) for each in (page.reply, page.what_happened_next, page.licence, page.seo_title) if each),
            *([page.search_description] if page.search_description else []),
            *([f"image {page.image_id}"] if page.image_id else []),
            *([f"alias {page.alias_of_id}"] if page.alias_of_id else []),
            *(f"source {each.source_id} {each.locator}" for each in page.citations.all()),
            *(f"correction {each.date} {each.text}" for each in page.corrections.all()),
            *(f"product {each.product_id}" for each in page.product_links.all()),
        ],
    }
    for scheme in TaggedPage.TAGS:
        said[scheme.value] = _identities([concept.pk for concept in page.concepts(scheme)])
    return said


def as_page(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page with this content says, in the shape of :func:`public_fields`."""
    said = {name: content[name] for name in (*WORDS, "year", "month")}
    html = html_of(content["body"])
    said |= {"body": [html] if html else [], "more": []}
    for scheme in TaggedPage.TAGS:
        wanted = content.get(scheme.value) or []
        found = dict(Concept.objects.filter(public_id__in=wanted).values_list("public_id", "pk"))
        said[scheme.value] = _identities([found[key] for key in map(_uuid, wanted) if key in found])
    return said


def _uuid(text: str) -> uuid.UUID:
    return uuid.UUID(text)


def _identities(pks: list[int]) -> list[str]:
    """Return the public ids of concepts, of what they were merged into, sorted and each once."""
    rows = Concept.objects.filter(pk__in=pks).values_list("public_id", "merged_into__public_id")
    return sorted({str(merged or own) for own, merged in rows})


def content_write(page: StoryPage, content: Mapping[str, Any]) -> None:
    """Let a page say what the content says; nothing is stored.

    Raises:
        Locale.DoesNotExist: the site does not have the language.
    """
    page.title = page.draft_title = content["headline"]
    for name in ("standfirst", "content_note", "employer", "stage", "standing"):
        setattr(page, name, content[name])
    page.when_year, page.when_month = content["year"], content["month"]
    page.locale = Locale.objects.get(language_code=content["language"])
    html = html_of(content["body"])
    page.body = [("paragraph", RichText(html))] if html else []
    for scheme in SCHEMES:
        wanted = list(map(_uuid, content[scheme.value]))
        found = {concept.public_id: concept for concept in Concept.objects.filter(public_id__in=wanted)}
        carried = [found[each].merged_into or found[each] for each in wanted if each in found]
        page.set_concepts(scheme, list({concept.pk: concept for concept in carried}.values()))
