"""What an organization's public page shows of its coalition."""

from dataclasses import dataclass

from django import template
from django.db.models import Q

from cms.organizations.models import OrganizationPage
from coalition.coalitions.calendars import Moment, calendar_of
from coalition.coalitions.models import GROUPS, Affiliation

register = template.Library()
MOST_SHOWN = 12


@dataclass(frozen=True)
class Together:
    """Members and calendar of a coalition; coalitions that an organization belongs to."""

    is_group: bool
    members: list[OrganizationPage]
    coalitions: list[OrganizationPage]
    calendar: list[Moment]


@register.simple_tag
def together(page: OrganizationPage) -> Together:
    """Return with whom an organization is together, in one query; its calendar, if it is a coalition, in two more."""
    known = (
        Affiliation.objects.filter(Q(coalition=page) | Q(member=page), state=Affiliation.State.ACCEPTED)
        .filter(coalition__live=True, member__live=True)
        .select_related("coalition", "member")
    )
    found = list(known)
    members = sorted((each.member for each in found if each.coalition_id == page.pk), key=lambda each: each.title)
    coalitions = sorted((each.coalition for each in found if each.member_id == page.pk), key=lambda each: each.title)
    is_group = page.kind in GROUPS
    calendar = calendar_of(page, members=[each.pk for each in members])[:MOST_SHOWN] if is_group else []
    return Together(is_group, members, coalitions, calendar)
