"""A text as its readers would see it, and every public field of it in a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cms.stories.models import StoryPage
from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme
from coalition.intake.publishing.fields import SCHEMES
from search.vocabulary import Vocabulary


@dataclass(frozen=True)
class Preview:
    """What a page would say: its words, and a line for each other field; an empty one says so."""

    headline: str
    standfirst: str
    body: list[str]
    content_note: str
    language: str
    rows: list[tuple[str, str]]


def preview_of(content: Mapping[str, Any]) -> Preview:
    """Return a content in the reader's words."""
    return Preview(
        headline=content["headline"],
        standfirst=content["standfirst"],
        body=content["body"],
        content_note=content["content_note"],
        language=content["language"],
        rows=_rows(content),
    )


def _rows(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    vocabulary = Vocabulary.load()
    pks = dict(
        Concept.objects.filter(
            public_id__in=[each for scheme in SCHEMES for each in content[scheme.value]]
        ).values_list("public_id", "pk")
    )
    labels = {str(key): vocabulary.by_id[pk].label for key, pk in pks.items() if pk in vocabulary.by_id}
    month = MONTHS.get(content["month"]) if content["month"] else ""
    rows: list[tuple[str | Promise, Any]] = [
        (_("Employer"), content["employer"] or _("not named")),
        (_("When"), " ".join(str(part) for part in (month, content["year"]) if part)),
    ]
    for scheme in (Scheme.PLACE, Scheme.INDUSTRY, Scheme.OCCUPATION, Scheme.TECHNOLOGY, Scheme.HARM):
        rows.append((scheme.label, ", ".join(labels[each] for each in content[scheme.value] if each in labels)))
    rows += [
        (_("Stage"), dict(StoryPage.Stage.choices).get(content["stage"], "")),
        (_("What it rests on"), dict(StoryPage.Standing.choices).get(content["standing"], "")),
        (_("Content note"), content["content_note"]),
        (_("Language"), dict(settings.LANGUAGES).get(content["language"], "")),
    ]
    return [(str(name), str(value or _("not said"))) for name, value in rows]


def names_of(changed: tuple[str, ...]) -> list[str]:
    """Return in words what was made coarser."""
    words = {
        "employer": _("the employer is left out"),
        "place": _("the place is said more coarsely, or left out"),
        "industry": _("the industry is said more coarsely"),
        "occupation": _("the occupation is said more coarsely, or left out"),
        "month": _("the month is left out"),
    }
    return [words[name] for name in changed if name in words]
