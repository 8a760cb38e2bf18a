"""Which of the site's languages somebody writes in, told by the small words that no sentence does without."""

from django.db import connection

from search.expansion import WORD

# PostgreSQL's stemmers know their language's stop words, and answer one with nothing.
_STEMMERS = {"en": "english_stem", "es": "spanish_stem"}


def language_said(text: str, *, otherwise: str) -> str:
    """Return the code of the language that has most stop words in a text.

    Args:
        text: in anybody's own words.
        otherwise: what to return where two have as many, or none has any.
    """
    words = [word.lower() for word in WORD.findall(text)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT language, count(*) FROM unnest(%s::text[], %s::text[]) AS known (language, stemmer), "
            "unnest(%s::text[]) AS word WHERE ts_lexize(stemmer::regdictionary, word) = '{}' GROUP BY language",
            [list(_STEMMERS), list(_STEMMERS.values()), words],
        )
        counts = dict(cursor.fetchall())
    most = max(counts.values(), default=0)
    first, *others = [language for language in _STEMMERS if counts.get(language, 0) == most]
    return otherwise if others else first
