"""Whose industry somebody speaks of, told from where their own words say that they work."""

from collections.abc import Iterator

from cms.taxonomy.schemes import Scheme
from search.expansion import WORD, Synonyms, fold
from search.text import sentences
from search.vocabulary import Term, Vocabulary

# What stands before the name of one's own place of work, with at most so many words in between. An industry is often
# named in passing ("they mail us", "it is stored in the cloud"): whose it is shows better than where something is.
_OURS = frozenset({"our", "my", "nuestro", "nuestra", "nuestros", "nuestras", "mi", "mis"})
_THERE = frozenset({"at", "in", "inside", "en", "am", "i'm", "i’m", "soy", "work", "worked", "working", "trabajo"})
_WORDS_BEFORE = 4


def industry_said(text: str, vocabulary: Vocabulary, synonyms: Synonyms) -> Term | None:
    """Return the industry that somebody says they work in, by any of its names: "our hospital", "at a warehouse".

    Args:
        text: somebody's own words, in any language of the site.
        vocabulary: in whose labels the answer is.
        synonyms: the names of concepts.

    Returns:
        The first that is called one's own; if there is none, the first that somebody is or works in, or something
        happens at; None if there is neither. Of an industry and a part of it with one name, the part.
    """
    there: Term | None = None
    for before, term in _named(text, vocabulary, synonyms):
        if before & _OURS:
            return term
        if there is None and before & _THERE:
            there = term
    return there


def _named(text: str, vocabulary: Vocabulary, synonyms: Synonyms) -> Iterator[tuple[set[str], Term]]:
    """Yield each industry that a text names, with the words before it in its sentence."""
    for sentence in sentences(text):
        words = WORD.findall(fold(sentence))
        for start, length in synonyms.runs(words):
            named = synonyms.concepts.get(" ".join(words[start : start + length]), ())
            terms = [
                term
                for scheme, slug, _name in named
                if scheme == Scheme.INDUSTRY
                and (term := vocabulary.by_value.get(f"{scheme}:{slug}"))
                and not term.is_universal
            ]
            if terms:
                yield set(words[max(0, start - _WORDS_BEFORE) : start]), max(terms, key=lambda term: term.depth)
