"""Putting a campaign or update on the site: once, on a day to come, or after somebody has read it; taking it off."""

import datetime
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.unpublish_page import UnpublishPageAction

from cms.base.gate import PublicationRefusedError, refusals
from cms.base.models import Correction as PageCorrection
from cms.campaigns.models import CampaignPage, CampaignUpdatePage, UpdateCorrection
from coalition.accounts.models import User
from coalition.organizing.drafts import UNTITLED, address_settle, campaign_locked, draft_of, due_of, locked, version_of
from coalition.organizing.errors import OrganizingError
from coalition.organizing.reviewing import is_reviewed, review_request
from coalition.organizing.streams import read

P = TypeVar("P", CampaignPage, CampaignUpdatePage)


def _today() -> datetime.date:
    return timezone.localdate()


@dataclass(frozen=True)
class Correction:
    """What was wrong in something published, said to its readers."""

    text: str
    date: datetime.date = field(default_factory=_today)

    def add_to(self, draft: CampaignPage | CampaignUpdatePage, *, public: CampaignPage | CampaignUpdatePage) -> None:
        """Add it to a draft, after those that are public; one from a try that was taken back gives way to it."""
        model: Any = UpdateCorrection if isinstance(draft, CampaignUpdatePage) else PageCorrection
        # By what they say: a draft from before they were published does not know their ids.
        told = set(public.corrections.values_list("date", "text"))
        kept = [one for one in draft.corrections.all() if (one.date, one.text) in told]
        draft.corrections.set([*kept, model(date=self.date, text=self.text, sort_order=len(kept))])


@transaction.atomic
def page_publish(*, page: P, user: User, version: str, correction: Correction | None = None) -> P:
    """Publish a page's latest draft: now, when its ``go_live_at`` comes, or once another owner has read it.

    Args:
        page: a stored page.
        user: who publishes.
        version: of the draft that they mean. What is live already, and says just that, is left alone.
        correction: shown with the text; None for a small fix or the first time.

    Returns:
        The page as it is stored then.

    Raises:
        OrganizingError: the draft says something else by now.
        PublicationRefusedError: something is missing; the sentences say what.
    """
    campaign_locked(page)
    stored = locked(page)
    draft = draft_of(stored)
    if version_of(draft) != version:
        raise OrganizingError(_("Somebody has changed this since you opened it. Look at it again, then publish."))
    if stored.workflow_in_progress or _is_done(stored, draft):
        return stored
    sentences = missing(draft)
    if sentences:
        raise PublicationRefusedError(sentences)
    if correction is not None:
        correction.add_to(draft, public=stored)
    address_settle(draft)
    revision = draft.save_revision(user=user, log_action=True)
    fresh = type(stored).objects.get(pk=page.pk)
    if is_reviewed(fresh, user):
        review_request(page=fresh, user=user)
    else:
        # The table of permissions has let this person through; the rights of Wagtail's admin are another matter.
        revision.publish(user=user, skip_permission_checks=True)
    return type(stored).objects.get(pk=page.pk)


def missing(draft: CampaignPage | CampaignUpdatePage) -> list[str]:
    """Return in sentences what keeps a draft from being published: what people must fill in, and what the gate says."""
    sentences = []
    if draft.title == UNTITLED:
        sentences.append(_("Give it a title before you publish it."))
    if isinstance(draft, CampaignUpdatePage) and not draft.text:
        sentences.append(_("Write a sentence before you publish the update."))
    written = read(draft.text if isinstance(draft, CampaignUpdatePage) else draft.body)
    if written.image_id and not written.alt.strip():
        sentences.append(_("Say what the photo shows, for people who cannot see it."))
    return [*sentences, *refusals(draft)]


def _is_done(stored: CampaignPage | CampaignUpdatePage, draft: CampaignPage | CampaignUpdatePage) -> bool:
    """Whether just this is live, or due, already."""
    due, latest = due_of(draft), stored.get_latest_revision()
    if due is not None:
        return bool(latest and latest.approved_go_live_at == due)
    return bool(stored.live and not stored.has_unpublished_changes)


@transaction.atomic
def schedule_cancel(*, page: CampaignUpdatePage, user: User) -> None:
    """Take an update off the schedule; its draft stays. Nothing happens when it has gone live meanwhile."""
    _off_schedule(locked(page), user)


def _off_schedule(stored: CampaignPage | CampaignUpdatePage, user: User | None) -> None:
    for revision in stored.revisions.filter(approved_go_live_at__isnull=False):
        revision.approved_go_live_at = None
        revision.save(user=user, update_fields=["approved_go_live_at"])
    draft = draft_of(stored)
    if due_of(draft) is not None:
        draft.go_live_at = None
        draft.save_revision(user=user, clean=False)


@transaction.atomic
def page_unpublish(*, page: CampaignPage | CampaignUpdatePage, user: User) -> None:
    """Take a page off the site, a campaign with its updates. What they say stays, as drafts."""
    stored = locked(page)
    if isinstance(stored, CampaignPage):
        updates_follow(campaign=stored, user=user)
    _off(stored, user)


def updates_follow(*, campaign: CampaignPage, user: User | None) -> None:
    """Make drafts of all of a campaign's updates: of those on the site, and of those that wait for a day or a reader.

    Args:
        campaign: one that goes off the site, or has gone.
        user: who takes it off; None where a date did.
    """
    for update in CampaignUpdatePage.objects.child_of(campaign).order_by("pk"):
        _off_schedule(update, user)
        _off(update, user)


def _off(stored: CampaignPage | CampaignUpdatePage, user: User | None) -> None:
    state = stored.current_workflow_state
    if state is not None:
        state.cancel(user=user)
    if stored.live:
        UnpublishPageAction(stored, user=user).execute(skip_permission_checks=True)


@transaction.atomic
def page_delete(*, page: CampaignPage | CampaignUpdatePage, user: User) -> None:
    """Delete a draft that was never published.

    Raises:
        OrganizingError: it was published once, or something that was lies below it.
    """
    stored = locked(page)
    if stored.live or stored.first_published_at or stored.get_descendants().exclude(first_published_at=None).exists():
        raise OrganizingError(_("Only what was never published can be deleted. Take it off the site instead."))
    DeletePageAction(stored, user=user).execute(skip_permission_checks=True)
