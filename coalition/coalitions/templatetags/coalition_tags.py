"""What an organization's public page shows of its coalition."""

from dataclasses import dataclass

from django import template
from django.db.models import Q

from cms.organizations.models import OrganizationPage
from coalition.coalitions.models import GROUPS, Affiliation

register = template.Library()


@dataclass(frozen=True)
class Together:
    """Whether it is a coalition, its members, and the coalitions that an organization belongs to."""

    is_group: bool
    members: list[OrganizationPage]
    coalitions: list[OrganizationPage]


@register.simple_tag
def together(page: OrganizationPage) -> Together:
    """Return with whom an organization is together, in one query."""
    known = (
        Affiliation.objects.filter(Q(coalition=page) | Q(member=page), state=Affiliation.State.ACCEPTED)
        .filter(coalition__live=True, member__live=True)
        .select_related("coalition", "member")
    )
    found = list(known)
    members = sorted((each.member for each in found if each.coalition_id == page.pk), key=lambda each: each.title)
    coalitions = sorted((each.coalition for each in found if each.member_id == page.pk), key=lambda each: each.title)
    return Together(page.kind in GROUPS, members, coalitions)
