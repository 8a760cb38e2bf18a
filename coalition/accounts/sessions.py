"""Sessions that know whose they are, so that one can see and end one's own. Neither address nor browser is kept.

``SESSION_ENGINE`` names this module. A session ends when nobody used it for ``SESSION_IDLE`` seconds, and in any case
``SESSION_ABSOLUTE`` seconds after it began.
"""

import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from coalition.accounts.models import Session, User

BEGAN = "coalition_began"
SEEN = "coalition_seen"
# How often use is written down. Nothing finer is needed to end what is idle for days.
_SEEN_EVERY = 60 * 60


class SessionStore(DatabaseStore):
    """Django's store in the database, with the user in a column."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model with the user."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of a session."""
        row = super().create_model_instance(data)
        assert isinstance(row, Session)  # noqa: S101 - the class is ours, whatever Django's types say
        user = data.get(SESSION_KEY)
        row.user_id = int(user) if user else None
        row.began_on = timezone.localdate(_moment(data.get(BEGAN)))
        row.seen_on = timezone.localdate(_moment(data.get(SEEN)))
        return row


def _moment(seconds: float | None) -> datetime:
    if seconds is None:
        return timezone.now()
    return datetime.fromtimestamp(seconds, timezone.get_current_timezone())


def session_is_over(*, began: float, seen: float, now: float) -> bool:
    """Whether a session that began and was last used then has ended by now; all in seconds."""
    return now - seen >= settings.SESSION_IDLE or now - began >= settings.SESSION_ABSOLUTE


def session_mark(session: SessionBase, *, begins: bool = False) -> bool:
    """Note that a session is used, or begins; return whether it may go on."""
    now = time.time()
    if begins or BEGAN not in session:
        session[BEGAN] = session[SEEN] = now
        return True
    began, seen = float(session[BEGAN]), float(session.get(SEEN, session[BEGAN]))
    if session_is_over(began=began, seen=seen, now=now):
        return False
    if now - seen >= min(_SEEN_EVERY, settings.SESSION_IDLE / 24):
        session[SEEN] = now
    return True


def sessions_of(user: User) -> QuerySet[Session]:
    """Return somebody's sessions that go on, the newest first."""
    return Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-began_on", "session_key")


def session_reference(session_key: str) -> str:
    """Return a name for a session that can stand on a page: the key itself would let in whoever reads it."""
    return salted_hmac("coalition.accounts.sessions", session_key, algorithm="sha256").hexdigest()[:32]


def session_end(*, user: User, reference: str) -> bool:
    """End one of somebody's sessions; return whether there was one of that name."""
    for session in sessions_of(user):
        if constant_time_compare(session_reference(session.session_key), reference):
            session.delete()
            return True
    return False


def sessions_end(*, user: User, but: str | None = None) -> int:
    """End somebody's sessions, except for the one with a key; return how many ended."""
    return Session.objects.filter(user=user).exclude(session_key=but or "").delete()[0]
