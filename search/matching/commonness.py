"""Commonness: how many further stories carry what two linked documents have in common, and over how many sectors.

Counted when a page is drawn, for all of its links in one query: a number stored with a link would be wrong as soon as
the next story is published or taken down.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.models import Document, Kind


@dataclass(frozen=True)
class Combination:
    """The technologies and harms that a reason names, and the documents between which it stands.

    ``values`` are facet values: a story tagged with something below one of them carries it too.
    """

    values: tuple[str, ...]
    between: tuple[Document, ...]

    @property
    def holds(self) -> bool:
        """Whether something is named, and each of the documents still carries it.

        A concept may have been merged or taken off since the link was stored; then nothing is claimed.
        """
        return bool(self.values) and all(set(self.values) <= set(document.facets) for document in self.between)


@dataclass(frozen=True)
class Commonness:
    """How many other public stories carry all of a combination, and in how many NAICS sectors they lie.

    Sectors, the twenty at the top of the list of industries, because each story names them; a story about all
    industries lies in none.
    """

    stories: int
    sectors: int


def commonness(combinations: Sequence[Combination]) -> list[Commonness | None]:
    """Return how common each combination is, in one query; None where it does not hold.

    Stories that are made up for demonstration count only beside one that is made up itself.
    """
    asked = [
        {
            "place": place,
            "carried": list(combination.values),
            "ends": [document.pk for document in combination.between],
            "made_up": any(document.is_demonstration for document in combination.between),
        }
        for place, combination in enumerate(combinations)
        if combination.holds
    ]
    found: list[Commonness | None] = [None] * len(combinations)
    if not asked:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.place, count(DISTINCT story.id), count(DISTINCT sector.code)
            FROM jsonb_to_recordset(%s::jsonb) AS asked (place int, carried text[], ends bigint[], made_up boolean)
            LEFT JOIN search_document story ON story.facets @> asked.carried AND story.kind = %s AND NOT story.is_gone
                AND story.id <> ALL (asked.ends) AND (asked.made_up OR NOT story.is_demonstration)
            LEFT JOIN LATERAL unnest(story.sectors) AS sector (code) ON true
            GROUP BY asked.place
            """,
            [json.dumps(asked), Kind.STORY],
        )
        for place, stories, sectors in cursor.fetchall():
            found[place] = Commonness(stories, sectors)
    return found


def in_words(combination: Combination, counted: Commonness | None) -> str:
    """Return how common a combination is as a sentence; empty where nothing can be claimed."""
    if counted is None:
        return ""
    if not counted.stories:
        said = _("no other story here yet")
    else:
        said = ngettext("%(count)s more story", "%(count)s more stories", counted.stories) % {"count": counted.stories}
    if counted.sectors:
        sectors = ngettext("%(count)s industry sector", "%(count)s industry sectors", counted.sectors)
        said = _("%(stories)s in %(sectors)s") % {"stories": said, "sectors": sectors % {"count": counted.sectors}}
    schemes = {value.partition(":")[0] for value in combination.values}
    if schemes == {"technology"}:
        return _("The same technology: %(stories)s.") % {"stories": said}
    if schemes == {"harm"}:
        return _("The same harm: %(stories)s.") % {"stories": said}
    return _("The same technology and harm: %(stories)s.") % {"stories": said}
