"""What an organization's public page shows of its coalition."""

from dataclasses import dataclass

from django import template

from cms.organizations.models import OrganizationPage
from coalition.coalitions.affiliations import coalitions_of, members_of
from coalition.coalitions.calendars import Moment, calendar_of
from coalition.coalitions.models import GROUPS

register = template.Library()


@dataclass(frozen=True)
class Together:
    """Members and calendar of a coalition; coalitions that an organization belongs to."""

    is_group: bool
    members: list[OrganizationPage]
    coalitions: list[OrganizationPage]
    calendar: list[Moment]


@register.simple_tag
def together(page: OrganizationPage) -> Together:
    """Return with whom an organization is together."""
    is_group = page.kind in GROUPS
    return Together(
        is_group,
        list(members_of(page)) if is_group else [],
        list(coalitions_of(page)),
        calendar_of(page)[:12] if is_group else [],
    )
