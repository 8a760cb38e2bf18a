"""What a recorded mail says is looked at once more when it is handed over: it may be withdrawn by then."""

from collections.abc import Callable
from dataclasses import dataclass

from coalition.mail.models import OutgoingMail


@dataclass(frozen=True)
class Renewal:
    """Subject, text and HTML that a mail is sent with instead."""

    subject: str
    text: str
    html: str


class NothingLeft(Exception):  # noqa: N818  it is an answer, not a fault
    """There is nothing to tell any more, or nobody who wants to hear it: the mail is not sent."""


# Returns what the mail says instead; None where it says what it said.
Renew = Callable[[OutgoingMail], Renewal | None]

_renewals: dict[str, Renew] = {}


def renews(kind: str) -> Callable[[Renew], Renew]:
    """Register who looks once more at mails of a kind. Use as a decorator; it may raise :class:`NothingLeft`."""

    def register(function: Renew) -> Renew:
        _renewals[kind] = function
        return function

    return register


def mail_renew(mail: OutgoingMail) -> bool:
    """Have a mail say what still holds; return whether that is another text than was recorded. Stores nothing.

    Raises:
        NothingLeft: it is not to be sent.
    """
    renew = _renewals.get(mail.kind)
    renewal = renew(mail) if renew is not None else None
    if renewal is None:
        return False
    mail.subject, mail.text, mail.html = renewal.subject, renewal.text, renewal.html
    return True
