"""What a merge of two organizations means for introductions: they go with it, and none is doubled or with oneself."""

from typing import Any

from django.dispatch import receiver

from cms.organizations.models import OrganizationPage
from coalition.allies.introductions import between, organization_block
from coalition.allies.models import Block, Introduction, Message
from coalition.membership.signals import organizations_merged


@receiver(organizations_merged)
def on_merge(sender: type, kept: OrganizationPage, gone: OrganizationPage, **_more: Any) -> None:
    """Move introductions, messages and blocks of the one to the other."""
    for field, opposite in (("asking", "asked"), ("asked", "asking")):
        for introduction in Introduction.objects.filter(**{field: gone}):
            partner: OrganizationPage = getattr(introduction, opposite)
            known = between(kept, partner) if introduction.state == Introduction.State.ACCEPTED else None
            if known is not None:
                # Two threads with one partner become one; what was written stays.
                introduction.messages.update(introduction=known)
            if partner.pk == kept.pk or known is not None:
                introduction.delete()
                continue
            setattr(introduction, field, kept)
            introduction.save(update_fields=[field])
    Message.objects.filter(organization=gone).update(organization=kept)
    for block in Block.objects.filter(organization=gone).exclude(blocked=kept).select_related("blocked"):
        organization_block(organization=kept, blocked=block.blocked)
    for block in Block.objects.filter(blocked=gone).exclude(organization=kept).select_related("organization"):
        organization_block(organization=block.organization, blocked=kept)
