"""What a merge of two organizations means for coalitions, and a block."""

from typing import Any

from django.dispatch import receiver

from cms.organizations.models import OrganizationPage
from coalition.coalitions.affiliations import unheard_become
from coalition.coalitions.models import Affiliation, CalendarEntry
from coalition.membership.signals import contact_refused, organizations_merged

_TOGETHER = (Affiliation.State.OPEN, Affiliation.State.ACCEPTED)


@receiver(contact_refused)
def on_block(sender: type, organization: OrganizationPage, blocked: OrganizationPage, **_more: Any) -> None:
    """Take requests away from an organization that no longer hears those who made them."""
    unheard_become(organization=organization, blocked=blocked)


@receiver(organizations_merged)
def on_merge(sender: type, kept: OrganizationPage, gone: OrganizationPage, **_more: Any) -> None:
    """Move affiliations and dates of the one to the other; of two with the same coalition the accepted one stays."""
    for field, opposite in (("coalition", "member"), ("member", "coalition")):
        for affiliation in Affiliation.objects.filter(**{field: gone}):
            other_id: int = getattr(affiliation, f"{opposite}_id")
            if other_id == kept.pk:
                affiliation.delete()
                continue
            twins = Affiliation.objects.filter(**{field: kept, f"{opposite}_id": other_id}, state__in=_TOGETHER)
            twin = twins.first() if affiliation.state in _TOGETHER else None
            if twin is not None:
                if affiliation.state == Affiliation.State.ACCEPTED:
                    twin.state = affiliation.state
                    twin.save(update_fields=["state"])
                affiliation.delete()
                continue
            setattr(affiliation, field, kept)
            affiliation.save(update_fields=[field])
    CalendarEntry.objects.filter(coalition=gone).update(coalition=kept)
    CalendarEntry.objects.filter(organization=gone).update(organization=kept)
