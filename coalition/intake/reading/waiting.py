"""What waits for moderators, as their own page says it: a number, and nothing of what it is."""

import datetime
from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coalition.accounts.models import User
from coalition.accounts.needs import Need, needs_you
from coalition.accounts.permissions import may
from coalition.accounts.places import Place, places_for
from coalition.intake.models import Submission


@needs_you
def submissions_wait(user: User) -> Iterable[Need]:
    """Return how many submissions nobody has read, or have something new; by day, never by the hour."""
    if not may(user, "moderation.queue"):
        return
    waiting = Submission.objects.all().waiting()
    number = waiting.count()
    if number:
        first = waiting.exclude(received_on=None).order_by("received_on").values_list("received_on", flat=True).first()
        day = first or timezone.localdate()
        yield Need(
            sentence=ngettext("%(number)d submission waits.", "%(number)d submissions wait.", number)
            % {"number": number},
            url=reverse("moderation") + "?show=waiting",
            action=_("Read"),
            since=timezone.make_aware(datetime.datetime.combine(day, datetime.time())),
        )


@places_for
def moderation(user: User) -> Iterable[Place]:
    """Return the moderators' area, and the administrators' log of it."""
    if may(user, "moderation.queue"):
        yield Place(_("Moderation"), reverse("moderation"), _("what people told in confidence"))
    if may(user, "moderation.log"):
        yield Place(_("Log of moderation"), reverse("moderation_log"), _("who opened what, and why"))
