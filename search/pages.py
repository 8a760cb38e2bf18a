"""A page of results: what an engine found, together with everything a template needs to draw it and to go on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from cms.organizations.models import OrganizationPage
from search.engines.base import EngineAnswer, EngineHit
from search.engines.choosing import engine
from search.expansion import ExpandedText, Synonyms, expand
from search.facets import BY_NAME, FACETS, Facet
from search.highlighting import MARK_END, MARK_START, marked_documents
from search.models import Document
from search.query import SearchQuery
from search.suggesting import Candidate, Suggestion, completions, corrections, counting, worthwhile
from search.vocabulary import Term, Vocabulary, vocabulary_state

# The fields of a document that its card shows.
SHOWN = ("public_id", "page_id", "kind", "language", "title", "standfirst", "url", "date", "card", "is_demonstration")
MOST_CHOICES = 40
# So many words of a query that finds nothing are tried without.
MOST_LOOSENED = 6


def marked(text: str) -> SafeString:
    """Return a text as HTML, escaped, its matched words in ``<mark>``."""
    html = escape(text).replace(MARK_START, "<mark>").replace(MARK_END, "</mark>")
    return mark_safe(html)  # noqa: S308  escaped just above


@dataclass(frozen=True)
class Hit:
    """One result in a list: its document, and its texts as HTML with the matched words marked."""

    document: Document
    title: SafeString
    standfirst: SafeString
    excerpt: SafeString


@dataclass(slots=True)
class Choice:
    """A facet value one can choose or take back. Not frozen, which would take longer: a page has hundreds.

    ``url`` leads to the list after the click; ``count`` is what one gets there. ``depth`` is its level in the tree.
    """

    value: str
    label: str
    count: int
    selected: bool
    url: str
    depth: int = 0


@dataclass(frozen=True)
class FacetBox:
    """A facet with its choices; ``every`` says whether all chosen values are asked for."""

    facet: Facet
    choices: list[Choice]
    every: bool
    every_url: str

    @property
    def selected(self) -> list[Choice]:
        """Return what is chosen."""
        return [choice for choice in self.choices if choice.selected]


@dataclass(frozen=True)
class Chip:
    """A chosen value above the list, and the address of the list without it."""

    facet: str
    label: str
    url: str


@dataclass(frozen=True)
class SearchPage:
    """A list of results."""

    query: SearchQuery
    path: str
    hits: list[Hit]
    total: int
    boxes: list[FacetBox]
    chips: list[Chip]
    text: ExpandedText
    # Ways out of an empty list: what to leave out, and how many results there are then.
    loosenings: list[Suggestion]
    # Likelier spellings, and ways to go on from the last word.
    meant: list[Suggestion] = field(default_factory=list)
    completions: list[Suggestion] = field(default_factory=list)
    # Without counts there was time for hits alone: ``total`` is then how many are known of.
    complete: bool = True
    # The place of the last hit: the next page begins behind it.
    last_place: str = ""

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return max(1, -(-self.total // self.query.size))

    @property
    def first(self) -> int:
        """Return the number of the first hit on this page."""
        return (self.query.page - 1) * self.query.size + 1

    @property
    def last(self) -> int:
        """Return the number of the last hit on this page."""
        return min(self.query.page * self.query.size, self.total)

    @property
    def previous_url(self) -> str:
        """Return the address of the page before, empty on the first."""
        return self.query.with_page(self.query.page - 1).url(self.path) if self.query.page > 1 else ""

    @property
    def first_url(self) -> str:
        """Return the address of the first page."""
        return self.query.with_page(1).url(self.path)

    @property
    def next_url(self) -> str:
        """Return the address of the page after, empty on the last."""
        if self.query.page >= self.pages:
            return ""
        return self.query.with_page(self.query.page + 1, after=self.last_place).url(self.path)

    @property
    def newest_url(self) -> str:
        """Return the address of this list, newest first."""
        return self.query.with_sort("newest").url(self.path)

    @property
    def relevance_url(self) -> str:
        """Return the address of this list, best first."""
        return self.query.with_sort("relevance").url(self.path)


def search(query: SearchQuery, *, path: str, vocabulary: Vocabulary | None = None) -> SearchPage:
    """Answer a query.

    Args:
        query: what to look for.
        path: of the page that shows the list; all links lead there.
        vocabulary: labels in the reader's language, if already read.
    """
    state = vocabulary_state() if query.text or vocabulary is None else ""
    vocabulary = vocabulary or Vocabulary.load(get_language(), state=state)
    synonyms = Synonyms.load(state=state) if query.text else Synonyms()
    text = expand(query.text, synonyms)
    answering = engine()
    begun = answering.begin(query, text)
    # While Elasticsearch counts, the database looks for words to go on with, and reads the texts of hits.
    going_on = completions(query, text, synonyms, vocabulary) if query.page == 1 else []
    further = counting(going_on, answering.totals_begin, synonyms)
    early = begun.hits()
    hits = _hits(early, text)
    answer = begun.answer()
    if query.page > 1 and not answer.hits and answer.total and answer.complete:
        # A page beyond the last is the last.
        query = query.with_page(-(-answer.total // query.size))
        answer = answering.search(query, text)
    if answer.hits is not early:
        # Another page, or another engine's.
        hits = _hits(answer.hits, text)
    offered = _most_frequent(answer.counts.get("organization", {}))
    names = organization_names({*offered, *query.facets.get("organization", ())})
    # Counted while likelier spellings are looked for.
    loosened = _loosenings(query, text, vocabulary, names) if answer.complete and not answer.total else []
    looser = counting(loosened, answering.totals_begin, synonyms)
    spelled = corrections(query, text, answer.total) if answer.complete else []
    likelier = counting(spelled, answering.totals_begin, synonyms)
    boxes = [_box(facet, query, answer, vocabulary, names, path) for facet in FACETS if facet.name not in query.fixed]
    return SearchPage(
        query=query,
        path=path,
        hits=hits,
        total=answer.total,
        boxes=[box for box in boxes if box.choices],
        chips=_chips(query, vocabulary, names, path),
        text=text,
        meant=worthwhile(likelier(), answer.total),
        completions=further() if answer.complete else [],
        loosenings=looser(),
        complete=answer.complete,
        last_place=answer.hits[-1].place.token(answer.engine) if answer.hits and answer.complete else "",
    )


def _hits(found: list[EngineHit], text: ExpandedText) -> list[Hit]:
    documents = marked_documents([hit.public_id for hit in found], text, fields=SHOWN)
    # An engine that lags behind may still know what is gone.
    shown = [documents[hit.public_id] for hit in found if hit.public_id in documents]
    return [
        Hit(document, marked(texts.title), marked(texts.standfirst), marked(texts.excerpt)) for document, texts in shown
    ]


def organization_names(slugs: Collection[str]) -> dict[str, str]:
    """Return the names of organizations that are public, by the values that their facet has.

    Args:
        slugs: these values.
    """
    if not slugs:
        return {}
    kind = ContentType.objects.get_for_model(OrganizationPage)
    with connection.cursor() as cursor:
        # Through no model, which would take three times as long, with every list.
        cursor.execute(
            "SELECT slug, title FROM wagtailcore_page WHERE live AND content_type_id = %s AND slug = ANY(%s)",
            [kind.pk, sorted(slugs)],
        )
        return dict(cursor.fetchall())


def _most_frequent(counts: Mapping[str, int]) -> list[str]:
    """Return the values to offer: of hundreds the most frequent; the others are found by their words."""
    return sorted(counts, key=lambda value: (-counts[value], value))[:MOST_CHOICES]


def value_label(name: str, value: str, vocabulary: Vocabulary, organizations: Mapping[str, str]) -> str:
    """Return what a facet value is called."""
    facet = BY_NAME[name]
    if facet.is_concept:
        return vocabulary.label(f"{name}:{value}")
    if facet.choices is not None:
        return facet.choices().get(value, value)
    return organizations.get(value, value) if name == "organization" else value


def _box(
    facet: Facet,
    query: SearchQuery,
    answer: EngineAnswer,
    vocabulary: Vocabulary,
    names: Mapping[str, str],
    path: str,
) -> FacetBox:
    counts = dict(answer.counts.get(facet.name, {}))
    chosen = query.facets.get(facet.name, ())
    for value in chosen:
        counts.setdefault(value, 0)

    if not counts:
        return FacetBox(facet, [], False, "")
    with_value = query.addresses_with(facet.name, path)
    without = {value: query.without_value(facet.name, value).url(path) for value in chosen}

    def choice(value: str, label: str, depth: int) -> Choice:
        return Choice(value, label, counts[value], value in without, without.get(value) or with_value(value), depth)

    if facet.is_concept:
        choices = [choice(term.slug, term.label, depth) for term, depth in _in_tree(facet, counts, vocabulary)]
        known = {entry.value for entry in choices}
        choices += [choice(value, value, 0) for value in sorted(counts) if value not in known]
    else:
        known_labels = facet.choices() if facet.choices is not None else names if facet.name == "organization" else {}
        offered = counts if facet.choices is not None or facet.name == "year" else {*_most_frequent(counts), *chosen}
        labels = {value: known_labels.get(value, value) for value in offered}
        if facet.name == "year":
            order = sorted(counts, reverse=True)
        elif facet.choices is not None:
            rank = {value: number for number, value in enumerate(known_labels)}
            order = sorted(counts, key=lambda value: (rank.get(value, len(rank)), value))
        else:
            order = sorted(labels, key=lambda value: (-counts[value], labels[value].lower()))
        choices = [choice(value, labels[value], 0) for value in order]
    every = facet.name in query.every
    every_url = query.with_every(facet.name, on=not every).url(path) if facet.can_all and len(chosen) > 1 else ""
    return FacetBox(facet, choices, every, every_url)


def _in_tree(facet: Facet, counts: Mapping[str, int], vocabulary: Vocabulary) -> list[tuple[Term, int]]:
    """Return the concepts that have a count, each below what it belongs to, with its depth."""
    # What has no count has nothing below that does, except what was chosen and finds nothing.
    passed = {
        above.slug
        for value, count in counts.items()
        if not count and (term := vocabulary.by_value.get(f"{facet.name}:{value}")) is not None
        for above in vocabulary.ancestors(term)
    }
    found: list[tuple[Term, int]] = []

    def visit(terms: list[Term], depth: int) -> None:
        reached = [term for term in terms if term.slug in counts or term.slug in passed]
        reached.sort(key=lambda term: (term.is_universal, -counts.get(term.slug, 0), term.label.lower()))
        for term in reached:
            has_count = term.slug in counts
            if has_count:
                found.append((term, depth))
            if below := vocabulary.children.get(term.id):
                visit(below, depth + has_count)

    visit(vocabulary.roots(facet.name), 0)
    return found


def _chips(query: SearchQuery, vocabulary: Vocabulary, names: Mapping[str, str], path: str) -> list[Chip]:
    chips = [Chip("", f"“{query.text}”", query.with_text("").url(path))] if query.text else []
    if query.since:
        since = gettext("from %(day)s") % {"day": date_format(query.since)}
        chips.append(Chip("", since, query.with_dates(None, query.until).url(path)))
    if query.until:
        until = gettext("until %(day)s") % {"day": date_format(query.until)}
        chips.append(Chip("", until, query.with_dates(query.since, None).url(path)))
    for name, values in query.facets.items():
        for value in values:
            label = value_label(name, value, vocabulary, names)
            chips.append(Chip(str(BY_NAME[name].label), label, query.without_value(name, value).url(path)))
    return chips


def _loosenings(
    query: SearchQuery, text: ExpandedText, vocabulary: Vocabulary, names: Mapping[str, str]
) -> list[Candidate]:
    """Return what to leave out of a query that finds nothing, a facet or a word."""
    looser = []
    for name, values in query.facets.items():
        labels = ", ".join(value_label(name, value, vocabulary, names) for value in values)
        looser.append(Candidate(f"{BY_NAME[name].label}: {labels}", query.without_facet(name), text))
    if query.since or query.until:
        looser.append(Candidate(gettext("the dates"), query.with_dates(None, None), text))
    if len(text.groups) > 1 or query.facets or query.since or query.until:
        for group in text.groups[:MOST_LOOSENED]:
            others = tuple(other for other in text.groups if other is not group)
            words = " ".join(other.asked for other in others)
            looser.append(Candidate(f"“{group.written}”", query.with_text(words), ExpandedText(others)))
    return looser
