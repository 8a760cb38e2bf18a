"""The publication gate: no page goes live where a registered check says no, whichever door it comes through.

``BasePage.save()`` asks the gate whenever a live page is saved. Packages add checks of their own by registering them;
the gate knows none of them by name.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

if TYPE_CHECKING:
    from cms.base.models import BasePage

# A check gets the page as it would go live and returns sentences that say what is missing and how to mend it.
Check = Callable[["BasePage"], Iterable[str]]

_refusals: list[Check] = []
_warnings: list[Check] = []


class PublicationRefusedError(ValidationError):
    """The page may not go live; the messages say how to mend it.

    They stand under the form as a whole, because Wagtail's API asks every refusal for which field it is about.
    """

    def __init__(self, sentences: list[str]) -> None:
        super().__init__({NON_FIELD_ERRORS: sentences})


def refuses(check: Check) -> Check:
    """Register a check whose sentences keep a page from going live. Use as a decorator."""
    _refusals.append(check)
    return check


def warns(check: Check) -> Check:
    """Register a check whose sentences are shown to the editor, who may publish all the same. Use as a decorator."""
    _warnings.append(check)
    return check


def refusals(page: "BasePage") -> list[str]:
    """Return every sentence that keeps the page from going live; an empty list opens the gate."""
    return [str(sentence) for check in _refusals for sentence in check(page)]


def warnings(page: "BasePage") -> list[str]:
    """Return every sentence that an editor should read before or after publishing."""
    return [str(sentence) for check in _warnings for sentence in check(page)]


def pass_gate(page: "BasePage") -> None:
    """Let a page through, or not.

    Raises:
        PublicationRefusedError: a check says no.
    """
    sentences = refusals(page)
    if sentences:
        raise PublicationRefusedError(sentences)
