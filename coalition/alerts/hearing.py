"""What following hears: of documents as they are written, and of organizations that were one."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Model
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from cms.base.hearing import CONCEPT_MODELS
from cms.organizations.models import OrganizationPage
from cms.taxonomy.models import Concept, TechnologyProduct, Vendor
from coalition.alerts.following import organization_follows_move, value_follows_move
from coalition.alerts.joining import follower_join, member_with
from coalition.alerts.models import Follower
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


@receiver(post_save, sender=EmailAddress)
def on_address(instance: EmailAddress, raw: bool = False, **_more: Any) -> None:
    """What an address followed without an account follows the account that has confirmed it as its own."""
    if raw or not instance.verified:
        return
    follower = Follower.objects.filter(own_email__iexact=instance.email).first()
    member = member_with(instance.email) if follower is not None else None
    if follower is not None and member is not None:
        follower_join(follower=follower, user=member)


@receiver(organizations_merged)
def on_merge(sender: type, kept: OrganizationPage, gone: OrganizationPage, **_more: Any) -> None:
    """Whoever follows the one follows the other."""
    organization_follows_move(kept=kept, gone=gone)


def on_concept(sender: type, instance: Concept, **_more: Any) -> None:
    """A saved search for a concept that was merged is one for what it was merged into."""
    if instance.merged_into is not None:
        value_follows_move(name=instance.scheme, old=instance.slug, new=instance.merged_into.slug)


# What facets call things by; a saved search names them so.
_NAMED: dict[type[Model], tuple[str, str]] = {
    **dict.fromkeys(CONCEPT_MODELS, ("", "slug")),
    OrganizationPage: ("organization", "slug"),
    TechnologyProduct: ("product", "name"),
    Vendor: ("vendor", "name"),
}


def on_naming(sender: type[Model], instance: Any, **_more: Any) -> None:
    """Remember what something was called, before it is called otherwise."""
    _facet, field = _NAMED[sender]
    instance._called = (
        sender._default_manager.filter(pk=instance.pk).values_list(field, flat=True).first() if instance.pk else None
    )


def on_named(sender: type[Model], instance: Any, **_more: Any) -> None:
    """A saved search for something that is called otherwise now goes on meaning it."""
    facet, field = _NAMED[sender]
    before, now = getattr(instance, "_called", None), getattr(instance, field)
    others = sender._default_manager.filter(**{field: before}).exclude(pk=instance.pk)
    if isinstance(instance, Concept):
        facet = instance.scheme
        others = others.filter(scheme=facet, merged_into=None)
    # Where another is still called so, the search goes on meaning that.
    if before and before != now and not others.exists():
        value_follows_move(name=facet, old=before, new=now)


for _named in _NAMED:
    pre_save.connect(on_naming, sender=_named, dispatch_uid=f"follows-naming-{_named.__name__}")
    post_save.connect(on_named, sender=_named, dispatch_uid=f"follows-named-{_named.__name__}")

for _model in CONCEPT_MODELS:
    post_save.connect(on_concept, sender=_model, dispatch_uid=f"follows-of-{_model.__name__}")
