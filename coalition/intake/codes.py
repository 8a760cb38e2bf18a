"""Return codes: nine words. Two say where to look, seven are the proof; the site keeps neither.

The words come from the secret in the teller's draft cookie, by HKDF: a form that is sent twice shows the same words
twice, and yet they are stored nowhere. What is stored is a keyed hash of the first two (22 bits, never the same for two
rows) and a scrypt hash with pepper and a salt of its own of the seven others (77 bits).
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from mnemonic import Mnemonic

from cms.prose.folding import without_accents
from coalition.intake.keys import keyed

WORDS, LOCATING = 9, 2
_BITS = 11
_LISTS = {"en": "english", "es": "spanish"}
DEFAULT_LANGUAGE = "en"
# Of a word four letters are enough; in both lists no two words share them.
_LETTERS = 4
_BYTES = -(-WORDS * _BITS // 8)
# A few megabytes and milliseconds: 77 random bits need no more, and twenty people may send in one second.
_SCRYPT = {"n": 2**12, "r": 8, "p": 1, "maxmem": 2**24}


@dataclass(frozen=True)
class Code:
    """Nine words of one language, as places in its list."""

    language: str
    places: tuple[int, ...]

    def __repr__(self) -> str:
        """Return nothing of it."""
        return "<Code>"

    @property
    def words(self) -> tuple[str, ...]:
        """The words, as they are shown on the receipt and nowhere else."""
        return tuple(_words(self.language)[place] for place in self.places)

    def locator(self) -> bytes:
        """Return what a row is found by: from the first two words."""
        return keyed("locator", self._part(0, LOCATING))

    def verifier(self, salt: bytes) -> bytes:
        """Return what the other words are checked against."""
        stretched = hashlib.scrypt(self._part(LOCATING, WORDS), salt=salt, dklen=32, **_SCRYPT)
        return keyed("verifier", stretched)

    def matches(self, *, verifier: bytes, salt: bytes) -> bool:
        """Whether the words are the right ones; takes as long where they are not."""
        return hmac.compare_digest(self.verifier(salt), verifier)

    def _part(self, start: int, end: int) -> bytes:
        return self.language.encode() + b"".join(place.to_bytes(2, "big") for place in self.places[start:end])

    def encode(self) -> str:
        """Return it as text for a cookie."""
        return f"{self.language}.{'.'.join(format(place, 'x') for place in self.places)}"

    @classmethod
    def decode(cls, text: str) -> "Code | None":
        """Return what ``encode`` made; None for anything else."""
        if not re.fullmatch(r"(en|es)(\.[0-9a-f]{1,3}){9}", text):
            return None
        language, *places = text.split(".")
        found = tuple(int(place, 16) for place in places)
        return cls(language, found) if max(found) < 2**_BITS else None


def code_derive(secret: bytes, *, language: str, turn: int) -> Code:
    """Return the code that belongs to a secret.

    Args:
        secret: of the draft's cookie.
        language: of the words; one without a list gets English ones.
        turn: how often another was asked for, because the one before could not be used.
    """
    language = language if language in _LISTS else DEFAULT_LANGUAGE
    info = f"coalition.intake.code:{language}:{turn}".encode()
    number = int.from_bytes(HKDF(SHA256(), _BYTES, salt=None, info=info).derive(secret), "big")
    return Code(language, tuple((number >> (_BITS * index)) & (2**_BITS - 1) for index in range(WORDS)))


def is_plain(code: Code) -> bool:
    """Whether the words can be read in one language only: other codes are not given out."""
    return list(_readings([word[:_LETTERS] for word in map(_bare, code.words)])) == [code]


def code_read(text: str) -> Code | None:
    """Return the code that somebody typed; None if it is not one.

    Case, accents, numbers before words, commas, and whatever else stands between words do not matter, nor what follows
    the first four letters of a word.
    """
    tokens = re.findall(r"[a-z]+", _bare(text[:2000]))
    return next(_readings([token[:_LETTERS] for token in tokens]), None) if len(tokens) == WORDS else None


def salt_make() -> bytes:
    """Return a new salt."""
    return secrets.token_bytes(16)


def dummy_compare(code: Code | None) -> bool:
    """Spend the time that a comparison takes, where there is nothing to compare with; never true."""
    code = code or Code(DEFAULT_LANGUAGE, (0,) * WORDS)
    code.matches(verifier=bytes(32), salt=bytes(16))
    return False


def _readings(beginnings: list[str]) -> Iterator[Code]:
    for language in _LISTS:
        index = _index(language)
        places = [index.get(beginning) for beginning in beginnings]
        if None not in places:
            yield Code(language, tuple(place for place in places if place is not None))


def _bare(text: str) -> str:
    """Return the text in small letters without accents."""
    return without_accents(text.casefold())


@lru_cache
def _words(language: str) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", word) for word in Mnemonic(_LISTS[language]).wordlist)


@lru_cache
def _index(language: str) -> dict[str, int]:
    return {_bare(word)[:_LETTERS]: place for place, word in enumerate(_words(language))}
