"""Mails that something waits for somebody. They say neither what nor from whom: mailboxes are read by others."""

from collections.abc import Iterable

from coalition.accounts.models import User
from coalition.mail.writing import mail_send


def waits_tell(*, key: str, people: Iterable[User]) -> None:
    """Tell people that something waits for them, each once a key; in the transaction in which it begins to wait."""
    for person in people:
        mail_send(
            key=f"waits:{key}:{person.pk}",
            kind="waits",
            to=person.email,
            context={},
            language=person.language,
        )
