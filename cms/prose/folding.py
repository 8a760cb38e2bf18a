"""Text without accents, as it is compared: a pure function below everything that compares."""

import re
import unicodedata


def without_accents(text: str) -> str:
    """Return a text without its accents, and with what Unicode calls compatible written alike (NFKD)."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def plain_words(text: str) -> list[str]:
    """Return the words of a text, whatever their capitals and accents."""
    return re.findall(r"\w+", without_accents(text).casefold())
