"""Writes what PostgreSQL made of a text as streams of words, which Elasticsearch cuts at white space and nowhere else.

Nothing is analysed a second time, so what matches in the one matches in the other. Two streams a document:

- ``words``: its stemmed words in the order of their places, a filler where none stands, so that distances stay. Phrases
  are found in it.
- ``scores``: each stemmed word as often as its places weigh, in any order. Single words are found in it, and the order
  of hits comes from it: how often a word stands there is its weighted frequency, and how long the stream is the
  document's weighted length, as ``search_posting`` has them.
"""

import hashlib
import re

from search.documents import FIELD_WEIGHTS
from search.expansion import Phrase

# Where no word stands. No word is written like this: in a word, more always follows it.
FILLER = ESCAPE = "^"
# PostgreSQL counts no further: whatever comes later is noted at this place.
LAST_PLACE = 16383
# Words of a text that has lost its places (PostgreSQL's strip) are in no phrase.
NOWHERE = 0
# Elasticsearch cuts what is longer in two, at 255 units of UTF-16: twice this for the rarest letters.
LONGEST = 120
_ENTRY = re.compile(r"'([^']*(?:''[^']*)*)'(?::(\S+))?")
_ODD = (ESCAPE, "\\", "''")
_BEHIND = re.compile(rf"[:,]{LAST_PLACE}\b")
_QUOTED = re.compile(r"''|\\\\")
_UNSAFE = re.compile(r"[\s^]")


class _Places(dict[str, tuple[int, int]]):
    """Places as PostgreSQL writes them, read and weighed once: "17A" is place 17, of weight A."""

    def __missing__(self, written: str) -> tuple[int, int]:
        letter = written[-1:]
        place, letter = (written[:-1], letter) if letter in FIELD_WEIGHTS else (written, "D")
        self[written] = found = int(place or NOWHERE), int(FIELD_WEIGHTS[letter])
        return found


_places = _Places()


def token(lexeme: str) -> str:
    """Return a stemmed word as streams and queries write it: without white space, not too long, and like no other."""
    written = _UNSAFE.sub(lambda match: f"{ESCAPE}{ord(match[0]):x};", lexeme)
    if len(written) > LONGEST:
        return ESCAPE + hashlib.blake2b(lexeme.encode(), digest_size=16).hexdigest()
    return written


def streams(tsvector: str) -> tuple[str, str]:
    """Return both streams of a text.

    Args:
        tsvector: as PostgreSQL writes it out.
    """
    placed: dict[int, str] = {}
    scores: list[str] = []
    # Hardly any text has a word that has to be written differently: one look at the whole is cheaper than one at each.
    is_odd = not (tsvector.isascii() and tsvector.isprintable()) or any(sign in tsvector for sign in _ODD)
    for lexeme, places in _ENTRY.findall(tsvector):
        if is_odd or len(lexeme) > LONGEST or " " in lexeme:
            lexeme = token(_QUOTED.sub(lambda match: match[0][0], lexeme))
        if "," in places:
            weight = 0
            for written in places.split(","):
                place, counted = _places[written]
                weight += counted
                placed[place] = lexeme
        else:
            place, weight = _places[places]
            placed[place] = lexeme
        if weight == 1:
            scores.append(lexeme)
        else:
            scores += [lexeme] * weight
    if str(LAST_PLACE) in tsvector and len(_BEHIND.findall(tsvector)) > 1:
        # All that is behind the last place: nobody knows in which order, so it is part of no phrase.
        placed.pop(LAST_PLACE, None)
    placed.pop(NOWHERE, None)
    words = " ".join([placed.get(place, FILLER) for place in range(1, max(placed, default=0) + 1)])
    return words, " ".join(scores)


def phrase(wanted: Phrase) -> str | None:
    """Return a phrase as it stands in the stream of words; None when two of its words ask for one place."""
    words = {distance: token(lexeme) for lexeme, distance in wanted.words}
    if len(words) < len(wanted.words):
        return None
    return " ".join([words.get(distance, FILLER) for distance in range(min(words), max(words) + 1)])
