"""What a page is about: lists of concepts to tick, each with a box of words that makes it shorter."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.base.models import TaggedPage
from cms.taxonomy.models import Concept, ConceptLabel
from cms.taxonomy.schemes import Scheme
from search.vocabulary import Term, Vocabulary

SCHEMES: tuple[tuple[Scheme, str | Promise, str | Promise], ...] = (
    (
        Scheme.INDUSTRY,
        _("Industries"),
        _("Where the work is done. Needed to publish. Choose “All industries” when it truly is about all."),
    ),
    (Scheme.TECHNOLOGY, _("Technology types"), _("What the technology does. Needed to publish.")),
    (Scheme.HARM, _("Harms"), _("What it does to people.")),
    (Scheme.PLACE, _("Places"), _("Where it happens.")),
)


@dataclass(frozen=True)
class Option:
    """A concept to tick."""

    term: Term
    is_chosen: bool
    # What it belongs to, in words, where the list does not show it above.
    within: str


@dataclass(frozen=True)
class TopicList:
    """The concepts of one scheme, or those that the words in its box call."""

    scheme: str
    label: str | Promise
    help_text: str | Promise
    words: str
    options: list[Option]
    number_chosen: int


class Topics:
    """A form of topics: what is ticked, and what is shown."""

    FIELDS = tuple(TaggedPage.TAGS[scheme] for scheme, _label, _help in SCHEMES)

    def __init__(self, page: TaggedPage, data: QueryDict | None = None) -> None:
        self._vocabulary = Vocabulary.load()
        self._words = {
            scheme: data.get(f"find-{scheme.value}", "").strip() if data else "" for scheme, *_rest in SCHEMES
        }
        self.chosen: dict[Scheme, list[int]] = {}
        for scheme, *_rest in SCHEMES:
            if data is None:
                self.chosen[scheme] = page.concept_ids(scheme)
                continue
            values = [self._vocabulary.by_value.get(f"{scheme.value}:{slug}") for slug in data.getlist(scheme.value)]
            self.chosen[scheme] = [term.id for term in values if term is not None]

    def is_valid(self) -> bool:
        """Whatever is ticked makes sense."""
        return True

    def removed(self) -> str:
        """Return nothing: no text is pasted here."""
        return ""

    def write(self, page: TaggedPage) -> None:
        """Tag a page with what is ticked, in the order in which it already stood."""
        for scheme, ids in self.chosen.items():
            before = page.concept_ids(scheme)
            if set(before) == set(ids):
                continue
            ordered = [pk for pk in before if pk in ids] + [pk for pk in ids if pk not in before]
            found = Concept.objects.in_bulk(ordered)
            page.set_concepts(scheme, [found[pk] for pk in ordered if pk in found])

    def lists(self) -> Iterator[TopicList]:
        """Yield each scheme's list."""
        for scheme, label, help_text in SCHEMES:
            words, chosen = self._words[scheme], set(self.chosen[scheme])
            called = self._called(scheme, words) if words else None
            walked = list(self._vocabulary.walk(self._vocabulary.roots(scheme.value)))
            # What is chosen stands first, with what it belongs to: nobody has to look for it.
            options = [Option(term, True, self._within(term)) for term in walked if term.id in chosen]
            options += [
                Option(term, False, self._within(term) if called is not None else "")
                for term in walked
                if term.id not in chosen and (called is None or term.id in called)
            ]
            yield TopicList(scheme.value, label, help_text, words, options, len(chosen))

    def _called(self, scheme: Scheme, words: str) -> set[int]:
        """Return the concepts that have the words in one of their names, in any language, and what belongs to them."""
        labels = ConceptLabel.objects.filter(concept__scheme=scheme, text__icontains=words)
        found = set(labels.values_list("concept_id", flat=True))
        found |= set(
            Concept.objects.filter(Q(pref_label__icontains=words) | Q(notation=words), scheme=scheme).values_list(
                "pk", flat=True
            )
        )
        return {
            term.id
            for term in self._vocabulary.by_id.values()
            if found & {t.id for t in self._vocabulary.ancestors(term)}
        }

    def _within(self, term: Term) -> str:
        return " › ".join(above.label for above in reversed(self._vocabulary.ancestors(term)[1:]))
