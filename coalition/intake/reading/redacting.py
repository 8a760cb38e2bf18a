"""Points out what in a text could lead back to somebody. It changes nothing: the moderator decides.

Pure: what the site knows (places, organizations, products, occupations) is handed in. Better too much than too little.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cms.prose.folding import without_accents


class Kind(TextChoices):
    """What it may be."""

    EMAIL = "email", _("e-mail address")
    URL = "url", _("web address")
    PHONE = "phone", _("phone number")
    HANDLE = "handle", _("name on a network")
    DATE = "date", _("exact date")
    TIME = "time", _("time of day")
    AGE = "age", _("age, or years of service")
    ADDRESS = "address", _("street address")
    NUMBER = "number", _("badge, case or account number")
    ORGANIZATION = "organization", _("organization")
    EMPLOYER = "employer", _("employer")
    PRODUCT = "product", _("product")
    PLACE = "place", _("place")
    TITLE = "title", _("job title that few stories share")
    NAME = "name", _("perhaps a name")


@dataclass(frozen=True)
class Span:
    """A part of a text, from a character up to another, and what it may be."""

    start: int
    end: int
    kind: Kind


_MONTHS = (
    r"jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?|july?|aug(?:ust|\.)?|sept?(?:ember|\.)?"
    r"|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto"
    r"|septiembre|setiembre|octubre|noviembre|diciembre"
)
_DAYS = (
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo"
)
# Each repetition is bounded: a text of any length is read in a time that grows with it alone.
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.EMAIL, re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")),
    (Kind.URL, re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,300}", re.I)),
    (Kind.URL, re.compile(r"\b[a-z0-9-]{1,63}\.(?:com|org|net|edu|gov|io|mx|es)\b(?:/[^\s<>\"]{0,200})?", re.I)),
    (Kind.HANDLE, re.compile(r"(?<![\w@])@\w{2,40}")),
    (Kind.DATE, re.compile(rf"\b(?:{_MONTHS})\s{{1,3}}\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s{{1,3}}\d{{4}})?", re.I)),
    (Kind.DATE, re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s{{1,3}}(?:of\s|de\s)?(?:{_MONTHS})\b", re.I)),
    (Kind.DATE, re.compile(r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b")),
    (Kind.DATE, re.compile(rf"\b(?:{_DAYS})\b", re.I)),
    (Kind.TIME, re.compile(r"\b\d{1,2}:\d{2}\b(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b\.?", re.I)),
    (Kind.PHONE, re.compile(r"(?<![\w#])\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?!\w)")),
    (
        Kind.ADDRESS,
        re.compile(
            r"\b\d{1,5}\s(?:[\w.'’-]{1,30}\s){1,4}(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|way|court)"
            r"\b\.?",
            re.I,
        ),
    ),
    (Kind.ADDRESS, re.compile(r"\b(?:calle|avenida|av\.|camino|carretera)\s(?:[\w.'’-]{1,30}\s?){1,4}\d{0,5}", re.I)),
    (
        Kind.AGE,
        re.compile(
            r"\b(?:\d{1,3}|[a-z]{3,9}(?:-[a-z]{3,5})?)[\s-]years?[\s-]old\b|\b(?:aged?|age of)\s\d{1,3}\b", re.I
        ),
    ),
    (Kind.AGE, re.compile(r"\b(?:for|after|tengo|hace|desde hace)\s\d{1,2}\s(?:years|años)\b|\b\d{1,3}\saños\b", re.I)),
    (
        Kind.NUMBER,
        re.compile(r"#\s?\w{2,20}|\b(?=[\w-]{0,20}\d)(?=[\w-]{0,20}[A-Z])[A-Z0-9][A-Z0-9-]{3,20}\b|\b\d{4,20}\b"),
    ),
)
# Given names that are common where this site is read; together with two capital letters in a row they are a name.
GIVEN = frozenset(
    [
        "james",
        "mary",
        "robert",
        "patricia",
        "john",
        "jennifer",
        "michael",
        "linda",
        "david",
        "elizabeth",
        "william",
        "barbara",
        "richard",
        "susan",
        "joseph",
        "jessica",
        "thomas",
        "sarah",
        "charles",
        "karen",
        "christopher",
        "lisa",
        "daniel",
        "nancy",
        "matthew",
        "betty",
        "anthony",
        "sandra",
        "mark",
        "margaret",
        "donald",
        "ashley",
        "steven",
        "kimberly",
        "andrew",
        "emily",
        "paul",
        "donna",
        "joshua",
        "michelle",
        "kenneth",
        "carol",
        "kevin",
        "amanda",
        "brian",
        "melissa",
        "george",
        "deborah",
        "timothy",
        "stephanie",
        "ronald",
        "rebecca",
        "jason",
        "laura",
        "edward",
        "sharon",
        "jeffrey",
        "cynthia",
        "ryan",
        "kathleen",
        "jacob",
        "amy",
        "nicholas",
        "angela",
        "eric",
        "anna",
        "jonathan",
        "emma",
        "stephen",
        "ruth",
        "larry",
        "nicole",
        "justin",
        "samantha",
        "scott",
        "katherine",
        "brandon",
        "christine",
        "benjamin",
        "samuel",
        "gregory",
        "helen",
        "frank",
        "debra",
        "alexander",
        "rachel",
        "raymond",
        "carolyn",
        "patrick",
        "janet",
        "jack",
        "maria",
        "olivia",
        "robin",
        "priya",
        "amir",
        "jose",
        "juan",
        "luis",
        "carlos",
        "jorge",
        "miguel",
        "pedro",
        "francisco",
        "jesus",
        "antonio",
        "manuel",
        "alejandro",
        "fernando",
        "ricardo",
        "eduardo",
        "roberto",
        "sergio",
        "javier",
        "rafael",
        "ramon",
        "raul",
        "arturo",
        "enrique",
        "guadalupe",
        "rosa",
        "juana",
        "margarita",
        "teresa",
        "alicia",
        "elena",
        "carmen",
        "lucia",
        "leticia",
        "adriana",
        "gloria",
        "veronica",
        "gabriela",
        "silvia",
        "claudia",
        "beatriz",
        "ana",
        "sofia",
        "isabel",
        "marta",
        "diego",
        "mateo",
        "santiago",
        "wei",
        "li",
        "ming",
        "mei",
        "fatima",
        "mohammed",
        "muhammad",
        "ahmed",
        "ali",
        "aisha",
        "omar",
        "yusuf",
        "nguyen",
        "linh",
        "thanh",
        "duc",
        "kwame",
        "amara",
    ]
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
# Without accents, as everything is compared.
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "sr", "sra", "srta", "don", "dona", "senor", "senora"})
_BETWEEN = frozenset({"de", "la", "del", "los", "van", "von", "bin", "al"})


def pointed_out(text: str, known: Mapping[Kind, Iterable[str]] | None = None) -> list[Span]:
    """Return what could lead back to somebody, in the order of the text; where two overlap, the surer one.

    Args:
        text: what was told.
        known: names that the site knows, by what they are.
    """
    found = [Span(*match.span(), kind) for kind, pattern in _PATTERNS for match in pattern.finditer(text)]
    for kind, names in (known or {}).items():
        found += [Span(*span, kind) for span in _called(text, names)]
    found += [Span(*span, Kind.NAME) for span in _names(text)]
    order = {kind: place for place, kind in enumerate(Kind)}
    kept: list[Span] = []
    taken = bytearray(len(text))
    for span in sorted(found, key=lambda each: (order[each.kind], each.start - each.end, each.start)):
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return sorted(kept, key=lambda each: each.start)


def _bare(word: str) -> str:
    return without_accents(word).casefold()


def _called(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield where names stand, as whole words, whatever their capitals and accents."""
    words = [(match.start(), match.end(), _bare(match.group())) for match in re.finditer(r"\w+", text)]
    by_first: dict[str, list[list[str]]] = {}
    for name in names:
        parts = [_bare(each) for each in re.findall(r"\w+", name)]
        if parts and len("".join(parts)) > 1:
            by_first.setdefault(parts[0], []).append(parts)
    for place, (start, _end, word) in enumerate(words):
        for parts in by_first.get(word, ()):
            here = words[place : place + len(parts)]
            if [each for _s, _e, each in here] == parts:
                yield start, here[-1][1]


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Yield what looks like a name: given names, what follows a form of address, and capitals inside a sentence."""
    words = list(_WORD.finditer(text))
    place = 0
    while place < len(words):
        end = _run(text, words, place)
        run = words[place:end]
        if run and _is_name(text, words, place, run):
            yield run[0].start(), run[-1].end()
        place = max(end, place + 1)


def _run(text: str, words: list[re.Match[str]], start: int) -> int:
    """Return where a run of capitalised words that begins here ends, with the small words between them."""
    end = start
    while end < len(words):
        following = end
        while end > start and following < len(words) and words[following].group() in _BETWEEN:
            following += 1
        if following == len(words) or not words[following].group()[0].isupper():
            break
        if end > start and not all(_is_near(text, words, place) for place in range(end, following + 1)):
            break
        end = following + 1
    return end


def _is_near(text: str, words: list[re.Match[str]], place: int) -> bool:
    """Whether a word follows the one before it as a name's second part does."""
    return bool(re.fullmatch(r"[ .\n]{1,2}", text[words[place - 1].end() : words[place].start()]))


def _is_name(text: str, words: list[re.Match[str]], place: int, run: list[re.Match[str]]) -> bool:
    if any(_bare(word.group()) in GIVEN for word in run):
        return True
    if place and _bare(words[place - 1].group()) in _TITLES:
        return True
    if _bare(run[0].group()) in _TITLES:
        return len(run) > 1
    start = run[0].start()
    space = text[max(0, start - 20) : start]
    before = space.rstrip()
    begins = not before or before[-1] in '.!?:¿¡“"' or "\n" in space[len(before) :]
    # At the beginning of a sentence a capital says nothing; a second one does. “I” is no name.
    real = [word for word in run if word.group() not in ("I", "I’m", "I'm")]
    return len(real) > 1 if begins else bool(real)


def pointed_page(text: str, known: Mapping[Kind, Iterable[str]]) -> dict[str, Any]:
    """Return what a page shows of a text: the whole of it, marked, and what was pointed out, by what it may be."""
    spans = pointed_out(text, known)
    pointed: dict[str, list[str]] = {}
    for span in spans:
        pointed.setdefault(str(span.kind.label), []).append(text[span.start : span.end])
    return {
        "marked": parts_of(text, spans),
        "pointed": [(kind, list(dict.fromkeys(found))) for kind, found in pointed.items()],
    }


def parts_of(text: str, spans: list[Span]) -> list[tuple[str, Kind | None]]:
    """Return a text in parts, each with what was pointed out of it; together they are the text."""
    parts: list[tuple[str, Kind | None]] = []
    at = 0
    for span in spans:
        parts += [(text[at : span.start], None), (text[span.start : span.end], span.kind)]
        at = span.end
    parts.append((text[at:], None))
    return [part for part in parts if part[0]]
