"""Finds where documents and pages differ, whatever the reason."""

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Page

from cms.base import tags
from cms.base.models import BasePage
from search import documents, projection, text, vocabulary
from search.documents import LONGEST_TEXT, document_bury
from search.models import Document
from search.projection import KIND_OF, project
from search.vocabulary import Vocabulary


def projection_hash() -> str:
    """Return what changes when the code that makes documents does: they are compared with their pages then."""
    digest = hashlib.sha256()
    for module in (projection, documents, text, vocabulary, tags):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()


def searchable_pages() -> Iterator[BasePage]:
    """Return every public page that has a document, or should have one."""
    types = ContentType.objects.get_for_models(*KIND_OF).values()
    pages = Page.objects.live().public().filter(content_type__in=types, alias_of=None).order_by("pk")
    yield from pages.specific().select_related("locale").iterator(chunk_size=200)


def differing_pages() -> Iterator[int]:
    """Return the ids of public pages whose document is missing or says something else."""
    vocabularies: dict[str, Vocabulary] = {}
    stored = {document.public_id: document for document in Document.objects.defer("words").iterator(chunk_size=500)}
    for page in searchable_pages():
        language = page.locale.language_code
        vocabularies.setdefault(language, Vocabulary.load(language))
        document = stored.get(page.public_id)
        wanted = dataclasses.asdict(project(page, vocabularies[language]))
        wanted["body"] = wanted["body"][:LONGEST_TEXT]
        if (
            document is None
            or document.is_gone
            or any(getattr(document, key) != value for key, value in wanted.items())
        ):
            yield page.pk


def gone_documents_bury() -> int:
    """Bury the documents of pages that are no longer public, and return how many that were."""
    public = Page.objects.live().public().values_list("pk", flat=True)
    gone = Document.objects.present().exclude(page_id__in=public)
    count = 0
    for document in gone:
        document_bury(public_id=document.public_id)
        count += 1
    return count
