"""Publishing what is due: what the gate refuses waits, with the reason, and holds up nothing that comes after it."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision

from cms.base.gate import refusals
from cms.base.models import BasePage
from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from coalition.accounts.models import User
from coalition.accounts.needs import Need, needs_you
from coalition.accounts.permissions import may
from coalition.organizing.drafts import campaign_locked

logger = logging.getLogger("coalition.organizing")


def revisions_due() -> QuerySet[Revision]:
    """Return what was to be published by now, what has waited longest first."""
    return Revision.objects.filter(approved_go_live_at__lt=timezone.now()).order_by("approved_go_live_at", "pk")


def due_publish() -> int:
    """Take off the site what has expired and publish what is due; return how much was published. For the beat."""
    for page in Page.objects.filter(live=True, expire_at__lt=timezone.now()).order_by("expire_at", "pk"):
        page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return sum(_published(revision) for revision in revisions_due())


def _published(revision: Revision) -> bool:
    try:
        with transaction.atomic():
            page = revision.as_object()
            if isinstance(page, BasePage):
                campaign_locked(page)
            # It may have been taken off the schedule since it was looked up.
            revision = revisions_due().select_for_update().get(pk=revision.pk)
            revision.publish(log_action="wagtail.publish.scheduled")
    except Revision.DoesNotExist:
        return False
    except ValidationError:
        # It stays due: as soon as what is missing is there, it is published.
        logger.warning("What was due could not be published: revision %s", revision.pk)
        return False
    except Exception:
        logger.exception("What was due could not be published: revision %s", revision.pk)
        return False
    return True


@dataclass(frozen=True)
class Refused:
    """A page that was to be published by now and is not: since when, and the sentences why."""

    page: BasePage
    since: datetime
    sentences: list[str]


def refused_pages() -> Iterator[Refused]:
    """Yield what is due and does not pass the gate. Costs little: nothing else is due for longer than a minute."""
    for revision in revisions_due():
        page = revision.as_object()
        if isinstance(page, BasePage):
            # As it would go live.
            page.live = True
            sentences = refusals(page)
            if sentences:
                yield Refused(page, revision.approved_go_live_at, sentences)


@needs_you
def refused_when_due(user: User) -> Iterable[Need]:
    """Return what could not be published on its day: to its organizers, and to editors."""
    for refused in refused_pages():
        page = refused.page
        url = _where(user, page)
        if url:
            said = {"title": page.title, "sentences": get_text_list(refused.sentences, "")}
            sentence = _("“%(title)s” was to be published and could not be: %(sentences)s") % said
            yield Need(sentence, url, _("Mend it"), refused.since)


def _where(user: User, page: BasePage) -> str:
    """Return where somebody can mend a page; empty if it is not theirs."""
    if isinstance(page, CampaignUpdatePage) and may(user, "update.write", page):
        return reverse("update_edit", args=[page.public_id])
    if isinstance(page, CampaignPage) and may(user, "campaign.edit", page):
        return reverse("campaign_manage", args=[page.public_id])
    if may(user, "pages.keep"):
        return reverse("wagtailadmin_pages:edit", args=[page.pk])
    return ""
