"""Readers' “not alike”: counted once a reader and pair, and never believed by itself.

Links and ranking stay as they are; an editor sees the pair first (``search/curation/queue.py``). Who said it is not
kept: a browser holds a note of its own, an account leaves a mark that names nobody.
"""

from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from search.locks import Lock
from search.matching.judging import in_order
from search.models import Document, Doubt, Judgement

# A script can say so as often as it likes, and fills neither the table nor the editors' desk.
MOST_A_DAY = 300
MOST_OF_A_PAIR_A_DAY = 5
# What a browser remembers: the newest so many, for so long.
MOST_REMEMBERED = 100
REMEMBERED_SECONDS = 180 * 24 * 3600

COOKIE = "not_alike"
_SALT = "search.doubts"
_MARK_LENGTH = 12


class Heard(models.TextChoices):
    """What became of a saying, in the sentence that its reader gets."""

    COUNTED = "counted", _("Thank you. An editor will look at whether the two are alike; until then the link stays.")
    AGAIN = "again", _("You have said so already, and it counts once. An editor will look at the two.")
    ENOUGH = "enough", _("So many have said so today that yours is not counted any more. Try again tomorrow.")
    DECIDED = "decided", _("An editor has already decided on these two.")


@transaction.atomic
def doubt_record(*, one: Document, other: Document, user: Any) -> Heard:
    """Count that a reader finds two documents not alike, unless it is said already or often enough today.

    Args:
        one: either document.
        other: the other.
        user: who says it, if signed in; any other user leaves no mark.
    """
    first, second = in_order(one, other)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [Lock.DOUBTS])
    if Judgement.objects.filter(first=first, second=second).exists():
        return Heard.DECIDED
    account_mark = _hmac(f"{user.pk} {_pair(first, second)}") if user.is_authenticated else ""
    if account_mark and Doubt.objects.filter(account_mark=account_mark).exists():
        return Heard.AGAIN
    of_today = Doubt.objects.filter(said_on=timezone.localdate())
    of_pair = of_today.filter(first=first, second=second)
    if of_pair.count() >= MOST_OF_A_PAIR_A_DAY or of_today.count() >= MOST_A_DAY:
        return Heard.ENOUGH
    Doubt.objects.create(first=first, second=second, account_mark=account_mark)
    return Heard.COUNTED


def has_said(request: HttpRequest, one: Document, other: Document) -> bool:
    """Whether this browser has said so of the two before, as far as it remembers. An account is asked instead."""
    return not request.user.is_authenticated and _mark(one, other) in _remembered(request)


def said_remember(request: HttpRequest, response: HttpResponse, one: Document, other: Document) -> None:
    """Have the browser of somebody who has not signed in remember what it said.

    The note holds keyed marks: whoever opens the browser cannot read in it which stories somebody looked at.
    """
    if request.user.is_authenticated:
        return
    marks = [*_remembered(request), _mark(one, other)][-MOST_REMEMBERED:]
    response.set_signed_cookie(
        COOKIE,
        ".".join(marks),
        salt=_SALT,
        max_age=REMEMBERED_SECONDS,
        # Sent to these pages alone, so that every other is the same for everybody.
        path=reverse("match") + "not-alike/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _remembered(request: HttpRequest) -> list[str]:
    value = request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=REMEMBERED_SECONDS) or ""
    return [mark for mark in value.split(".") if mark]


def _pair(one: Document, other: Document) -> str:
    return " ".join(sorted((str(one.public_id), str(other.public_id))))


def _mark(one: Document, other: Document) -> str:
    return _hmac(_pair(one, other))[:_MARK_LENGTH]


def _hmac(value: str) -> str:
    return salted_hmac(_SALT, value, algorithm="sha256").hexdigest()
