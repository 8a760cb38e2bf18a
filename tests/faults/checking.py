"""Says what each engine finds wrongly: ``python -m tests.faults.checking``, in a site's environment.

Standard input has a line of JSON for each word: the word, and the address of the page that says it now, empty for one
that no public page says any more. The output is a JSON list of sentences, empty when everything is found as it is.
"""

import json
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from search.engines.base import Engine, EngineAnswer
    from search.expansion import ExpandedText

# On a busy machine an engine may be slower than readers would wait for.
TRIES = 10


def main() -> None:
    """Look for every word in every engine."""
    django.setup()
    from search.engines.elasticsearch.engine import ElasticsearchEngine
    from search.engines.postgres import PostgresEngine

    words = dict(json.loads(line) for line in sys.stdin)
    json.dump([*wrong(ElasticsearchEngine(), words), *wrong(PostgresEngine(), words)], sys.stdout)


def wrong(engine: "Engine", words: dict[str, str]) -> Iterator[str]:
    """Return a sentence for each word that an engine does not find where it is, or finds where it is not."""
    from cms.stories.models import StoryPage
    from search.expansion import Synonyms, expand_all

    ids = dict(StoryPage.objects.values_list("slug", "public_id"))
    for (word, slug), text in zip(words.items(), expand_all(list(words), Synonyms()), strict=True):
        found = [hit.public_id for hit in _answer(engine, word, text).hits]
        if found != ([ids[slug]] if slug else []):
            yield f"{engine.name} finds {word} {len(found)} times; it stands in {slug or 'no page'}."


def _answer(engine: "Engine", word: str, text: "ExpandedText") -> "EngineAnswer":
    from search.engines.base import EngineUnavailable
    from search.query import SearchQuery

    for _try in range(TRIES - 1):
        try:
            return engine.search(SearchQuery(text=word), text)
        except EngineUnavailable:
            time.sleep(0.5)
    return engine.search(SearchQuery(text=word), text)


if __name__ == "__main__":
    main()
