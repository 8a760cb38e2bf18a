"""What of introductions waits for somebody, and where they go from their own page."""

from collections.abc import Iterable

from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from coalition.accounts.models import User
from coalition.accounts.needs import Need, needs_you
from coalition.accounts.places import Place, places_for
from coalition.allies.models import Introduction
from coalition.membership.selectors import organized_by

State = Introduction.State


@needs_you
def requests_wait(user: User) -> Iterable[Need]:
    """Return requests that an organizer's organizations have not answered."""
    mine = organized_by(user).values("pk")
    waiting = Introduction.objects.filter(state=State.WAITING, asked__in=mine, expires__gt=timezone.now())
    for introduction in waiting.select_related("asking", "asked"):
        yield Need(
            sentence=_("%(who)s would like to be introduced to %(organization)s.")
            % {"who": introduction.asking.title, "organization": introduction.asked.title},
            url=reverse("introduction", args=[introduction.public_id]),
            action=_("Answer"),
            since=introduction.created,
            until=introduction.expires,
        )


@needs_you
def messages_wait(user: User) -> Iterable[Need]:
    """Return threads in which the other side wrote something that nobody here has seen."""
    mine = list(organized_by(user).values_list("pk", flat=True))
    for side, other in (("asking", "asked"), ("asked", "asking")):
        unread = Q(messages__read=None, messages__organization=F(other))
        found = (
            Introduction.objects.filter(**{f"{side}__in": mine}, state=State.ACCEPTED)
            .annotate(unread=Count("messages", filter=unread), first=Min("messages__created", filter=unread))
            .filter(unread__gt=0)
            .select_related("asking", "asked")
        )
        for introduction in found:
            yield Need(
                sentence=_("%(who)s has written to you.") % {"who": getattr(introduction, other).title},
                url=reverse("introduction", args=[introduction.public_id]),
                action=_("Read"),
                since=introduction.first,
            )


@places_for
def allies(user: User) -> Iterable[Place]:
    """Return where a user finds allies for the organizations they organize for."""
    for organization in organized_by(user):
        if organization.live:
            yield Place(
                _("Allies of %(name)s") % {"name": organization.title},
                reverse("allies", args=[organization.public_id]),
                _("who faces the same in other industries"),
            )
