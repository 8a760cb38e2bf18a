"""What following hears: of documents as they are written, and of organizations that were one."""

from typing import Any

from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from cms.base.hearing import CONCEPT_MODELS
from cms.organizations.models import OrganizationPage
from cms.taxonomy.models import Concept
from coalition.alerts.following import organization_follows_move, value_follows_move
from coalition.alerts.news import news_note_new, news_note_outcome
from coalition.membership.signals import organizations_merged
from search.models import Document, Kind


@receiver(pre_save, sender=Document)
def on_document_writing(instance: Document, **_more: Any) -> None:
    """Remember how a campaign stood, before its document says how it stands."""
    if instance.kind == Kind.CAMPAIGN and instance.pk is not None and not instance.is_gone:
        before = Document.objects.filter(pk=instance.pk, is_gone=False).values_list("card", flat=True).first()
        instance._outcome_before = (before or {}).get("outcome")  # type: ignore[attr-defined]


@receiver(post_save, sender=Document)
def on_document_written(instance: Document, created: bool, raw: bool = False, **_more: Any) -> None:
    """Note what is new: a document, or how a campaign stands. What is public again after a while is not new."""
    if raw or instance.is_gone:
        return
    if created:
        news_note_new(document=instance)
        return
    before, now = getattr(instance, "_outcome_before", None), instance.card.get("outcome")
    if instance.kind == Kind.CAMPAIGN and before and now and before != now:
        news_note_outcome(document=instance, outcome=now)


@receiver(organizations_merged)
def on_merge(sender: type, kept: OrganizationPage, gone: OrganizationPage, **_more: Any) -> None:
    """Whoever follows the one follows the other."""
    organization_follows_move(kept=kept, gone=gone)


def on_concept(sender: type, instance: Concept, **_more: Any) -> None:
    """A saved search for a concept that was merged is one for what it was merged into."""
    if instance.merged_into is not None:
        value_follows_move(name=instance.scheme, old=instance.slug, new=instance.merged_into.slug)


for _model in CONCEPT_MODELS:
    post_save.connect(on_concept, sender=_model, dispatch_uid=f"follows-of-{_model.__name__}")
