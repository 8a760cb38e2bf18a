"""What somebody describes in their own words, and what on the site is like it. Nothing of it is kept."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.taxonomy.schemes import Scheme
from search.choices import concept_choices
from search.embeddings import reads
from search.expansion import Synonyms
from search.industries import industry_said
from search.languages import language_said
from search.linked import Linked, Part, from_matches, parts_of, with_reason
from search.matching.candidates import Scope
from search.matching.diversification import FIRST
from search.matching.links import is_across, scope_for
from search.matching.matcher import Match, Matcher
from search.matching.subject import subject_of_text
from search.matching.trees import tree_of
from search.models import Kind
from search.text import sentences
from search.vocabulary import Term, Vocabulary, vocabulary_state

LONGEST_DESCRIPTION = 5000


class DescribeForm(forms.Form):
    """A few sentences about what happens at one's work."""

    text = forms.CharField(
        label=_("What is happening at your work?"),
        help_text=_(
            "Two or three sentences: what the technology does, and what it does to you and others. "
            "Leave out names. Nothing you write here is kept."
        ),
        max_length=LONGEST_DESCRIPTION,
        min_length=15,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "true"}),
        error_messages={
            "required": _("Write a sentence or two about what is happening."),
            "min_length": _("Write a little more: a sentence or two about what is happening."),
            "max_length": _("Please keep it under %(limit_value)d characters; the first few sentences are enough."),
        },
    )
    industry = forms.ChoiceField(
        label=_("Your industry"),
        help_text=_("The stories that are shown come from other industries."),
        required=False,
    )
    technology = forms.ChoiceField(label=_("Technology"), required=False)
    harm = forms.ChoiceField(label=_("What it does to people"), required=False)
    language = forms.ChoiceField(
        label=_("Language you write in"), choices=[("", _("As my words say")), *settings.LANGUAGES], required=False
    )
    with_own = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._state = vocabulary_state()
        self.vocabulary = Vocabulary.load(get_language(), state=self._state)
        for scheme in (Scheme.INDUSTRY, Scheme.TECHNOLOGY, Scheme.HARM):
            choices = [("", _("As my words say")), *concept_choices(self.vocabulary, scheme)]
            self.fields[scheme.value].choices = choices  # type: ignore[attr-defined]

    def clean_language(self) -> str:
        """Tell the language from the words where none is chosen; where they do not say, it is the page's."""
        page = (get_language() or "en").split("-")[0]
        return self.cleaned_data["language"] or language_said(self.cleaned_data.get("text", ""), otherwise=page)

    def clean_technology(self) -> Term | None:
        """Return the concept, not what it is chosen by."""
        return self._chosen(Scheme.TECHNOLOGY)

    def clean_harm(self) -> Term | None:
        """Return the concept, not what it is chosen by."""
        return self._chosen(Scheme.HARM)

    def clean_industry(self) -> Term | None:
        """Tell the industry from the words where none is chosen."""
        text = self.cleaned_data.get("text", "")
        return self._chosen(Scheme.INDUSTRY) or industry_said(text, self.vocabulary, Synonyms.load(state=self._state))

    def _chosen(self, scheme: Scheme) -> Term | None:
        return self.vocabulary.by_value.get(f"{scheme}:{self.cleaned_data[scheme.value]}")

    @property
    def names_topics(self) -> bool:
        """Whether a topic or a language was chosen, or chosen wrongly: then what they are chosen from stands open."""
        return any(self.data.get(name) for name in ("technology", "harm", "language"))


@dataclass(frozen=True)
class Found:
    """What is like a description.

    ``understood`` are the topics that its own words name, and those that were chosen; ``by_meaning`` is whether the
    program that compares texts has learned its language.
    """

    stories: list[Linked]
    campaigns: list[Linked]
    resources: list[Linked]
    sessions: list[Linked]
    organizations: list[Linked]
    understood: list[str]
    by_meaning: bool

    @property
    def parts(self) -> list[Part]:
        """Return who fights it, what helps, whom to call and who has talked about it, as a page shows them."""
        return parts_of(
            campaigns=self.campaigns,
            resources=self.resources,
            organizations=self.organizations,
            sessions=self.sessions,
        )


@dataclass(frozen=True)
class Mention:
    """Where a text calls a concept by name: its facet value, the name, and the first sentence it stands in."""

    value: str
    name: str
    sentence: str


def mentions(text: str, *, language: str) -> list[Mention]:
    """Return the technologies and harms that a text calls by name, in any form of the words, each once.

    Args:
        text: plain text.
        language: ``en`` or ``es``; decides stemming.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH said AS MATERIALIZED (
                SELECT s.sentence, s.place, to_tsvector(%(config)s::regconfig, s.sentence) AS words
                FROM unnest(%(sentences)s::text[]) WITH ORDINALITY AS s (sentence, place)
            )
            SELECT DISTINCT ON (c.scheme, c.slug) c.scheme || ':' || c.slug, names.name, said.sentence
            FROM taxonomy_concept c
            JOIN LATERAL (
                SELECT c.pref_label AS name
                UNION ALL SELECT l.text FROM taxonomy_conceptlabel l WHERE l.concept_id = c.id
            ) names ON true
            CROSS JOIN LATERAL phraseto_tsquery(%(config)s::regconfig, names.name) AS wanted
            JOIN said ON said.words @@ wanted
            WHERE c.scheme = ANY(%(schemes)s) AND c.merged_into_id IS NULL AND numnode(wanted) > 0
            ORDER BY c.scheme, c.slug, said.place, names.name
            """,
            {
                "config": "coalition_es" if language == "es" else "coalition_en",
                "schemes": [Scheme.TECHNOLOGY.value, Scheme.HARM.value],
                "sentences": sentences(text),
            },
        )
        return [Mention(*row) for row in cursor.fetchall()]


def named_concepts(text: str, *, language: str) -> frozenset[str]:
    """Return the facet values of technologies and harms that a text calls by name, in any form of the words.

    Args:
        text: plain text.
        language: ``en`` or ``es``; decides stemming.
    """
    return frozenset(mention.value for mention in mentions(text, language=language))


def matches_for_text(
    text: str,
    *,
    language: str,
    industry: Term | None = None,
    technology: Term | None = None,
    harm: Term | None = None,
    with_own: bool = False,
) -> Found:
    """Return what of each kind is like a description. Stores and logs nothing.

    Args:
        text: what somebody wrote.
        language: ``en`` or ``es``, the language it is written in.
        industry: that it is about, if that is known: stories are from others.
        technology: that it is about, if somebody said so.
        harm: the same.
        with_own: they may be from that industry too.
    """
    vocabulary = Vocabulary.load(get_language())
    chosen = frozenset(term.value for term in (technology, harm) if term is not None)
    concepts = named_concepts(text, language=language) | chosen
    matcher = Matcher(tree_of(vocabulary))
    subsectors = vocabulary.subsectors(industry) if industry else ()
    subject = subject_of_text(text, language=language, concepts=concepts, subsectors=subsectors)
    measured = matcher.measure(subject)

    def scope(kind: Kind) -> Scope:
        # Matched as a story would be.
        return scope_for(kind, other_industries=is_across(Kind.STORY, kind) and not with_own, subject=subject)

    wanted = {Kind.STORY: FIRST, Kind.CAMPAIGN: 3, Kind.RESOURCE: 3, Kind.SESSION: 2, Kind.ORGANIZATION: 3}
    found = [match for kind, limit in wanted.items() for match in matcher.match(measured, scope(kind), limit=limit)]
    by_meaning = reads(language)
    if not by_meaning:
        # Between two languages single words say nothing: "control", "robot" and every name stand in both.
        found = [match for match in found if match.document.language == language or _carries_the_same(match)]
    linked: dict[str, list[Linked]] = {kind: [] for kind in wanted}
    for entry in from_matches(found, vocabulary):
        linked[entry.document.kind].append(entry)
    return Found(
        stories=linked[Kind.STORY],
        campaigns=linked[Kind.CAMPAIGN],
        resources=linked[Kind.RESOURCE],
        sessions=with_reason(linked[Kind.SESSION]),
        organizations=with_reason(linked[Kind.ORGANIZATION]),
        understood=sorted(vocabulary.label(value) for value in concepts),
        by_meaning=by_meaning,
    )


def _carries_the_same(match: Match) -> bool:
    """Whether a match has a topic, a product, a vendor or an employer in common with what was described."""
    return any(match.reasons.get(name) for name in ("shared", "products", "vendors", "employers"))
