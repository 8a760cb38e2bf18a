"""Drafts that are never lost: kept at every step, and never written over by somebody who has not seen them.

What a draft says has a *version*: a digest of its words. A form carries the version it was opened with. Where the draft
says something else by the time it is saved, nothing is overwritten: both texts are kept and shown. Saving the same
twice is saving once.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision, TaskState

from cms.base.models import BasePage
from cms.campaigns.models import BRIEF, CampaignPage, CampaignUpdatePage
from coalition.accounts.models import User
from coalition.organizing.errors import OrganizingError

# The title of a page that has none yet: pages cannot do without, people can.
UNTITLED = "…"
UPDATE_FIELDS = ("title", "text", "date", "is_win")
# An automatic save writes over the one before, if it is the same person's and not older than this.
_SAME_SITTING = timedelta(minutes=30)
_NOT_SAID = {"pk", "id", "page", "campaign", "update", "sort_order", "organization_name"}

P = TypeVar("P", CampaignPage, CampaignUpdatePage)


@dataclass(frozen=True)
class Saved(Generic[P]):
    """What came of saving: the page as it now stands; ``mine`` as well, where somebody else had been there before."""

    page: P
    mine: P | None = None

    @property
    def is_conflict(self) -> bool:
        """Whether somebody had changed it since the form was opened. Then nothing was overwritten."""
        return self.mine is not None


def content_of(page: BasePage, fields: Iterable[str]) -> dict[str, Any]:
    """Return what a page says in these fields and children, without what only a database knows."""
    data = page.serializable_data()
    return {field: _said(field, data.get(field)) for field in fields}


def _said(field: str, value: Any) -> Any:
    if field in ("text", "body"):
        blocks = json.loads(value) if isinstance(value, str) and value else value or []
        return [{"type": block["type"], "value": block["value"]} for block in blocks]
    if isinstance(value, list):
        return [{name: row[name] for name in row if name not in _NOT_SAID} for row in value]
    return value


def version_of(page: BasePage, fields: Iterable[str] | None = None) -> str:
    """Return the version of what a page says: equal for equal words."""
    if fields is None:
        fields = UPDATE_FIELDS if isinstance(page, CampaignUpdatePage) else campaign_fields(page)
    text = json.dumps(content_of(page, fields), sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def campaign_fields(page: BasePage) -> list[str]:
    """Return the fields and children of a campaign in which it says something."""
    skipped = {"organization_links", "wagtail_admin_comments", "slug", "seo_title", "search_description"}
    own = {field.name for field in type(page)._meta.get_fields() if field.model is not Page} | {"title"}
    tree = {field.name for field in Page._meta.get_fields()} - {"title"}
    names = own - tree - skipped - {"page_ptr", "taggedpage_ptr", "public_id", "origin", "is_demonstration"}
    return sorted(names & set(page.serializable_data()))


def draft_of(page: P) -> P:
    """Return a page as it was last saved, published or not."""
    draft: P = page.get_latest_revision_as_object()
    return draft


def locked(page: P) -> P:
    """Return a page as it is stored, and let nobody else write it until the transaction ends."""
    Page.objects.select_for_update().filter(pk=page.pk).first()
    fresh: P = type(page).objects.get(pk=page.pk)
    return fresh


def campaign_locked(page: BasePage) -> None:
    """Let nobody take an update's campaign off the site until the transaction ends; call it before ``locked``."""
    if isinstance(page, CampaignUpdatePage):
        Page.objects.select_for_update().filter(pk=page.get_parent().pk).first()


@transaction.atomic
def draft_save(
    *,
    page: P,
    user: User,
    version: str,
    write: Callable[[P], None],
    fields: Iterable[str] | None = None,
    automatic: bool = False,
) -> Saved[P]:
    """Save a draft, unless it says something else by now than when its form was opened.

    Args:
        page: a stored page.
        user: who writes.
        version: of the draft when the form was opened.
        write: puts the form's content into a page.
        fields: those that the form shows; all by default.
        automatic: no person pressed a button; such saves of one sitting are kept as one.

    Raises:
        OrganizingError: an editor has locked the page, or it is being read before it is published.
    """
    stored = locked(page)
    named = list(fields) if fields is not None else None
    theirs, mine = draft_of(stored), draft_of(locked(page))
    write(mine)
    now, wanted = version_of(theirs, named), version_of(mine, named)
    if now == wanted and due_of(mine) == due_of(theirs):
        return Saved(theirs)
    if stored.locked and stored.locked_by_id != user.pk:
        raise OrganizingError(_("An editor has locked this page. Ask the editors of this site."))
    if stored.workflow_in_progress:
        raise OrganizingError(_("This is being read before it is published. Take it back to go on writing."))
    if version != now and now != wanted:
        _keep_beside(mine, user, than=stored)
        return Saved(theirs, mine)
    _store(mine, user, overwrite=_same_sitting(stored, user) if automatic else None)
    return Saved(mine)


def due_of(page: BasePage) -> datetime | None:
    """Return when a page is to go live, if that is still to come."""
    due: datetime | None = page.go_live_at
    return due if due is not None and due > timezone.now() else None


def _store(page: BasePage, user: User, overwrite: Revision | None) -> None:
    page.title = page.title.strip() or UNTITLED
    page.save_revision(user=user, clean=False, overwrite_revision=overwrite, log_action=overwrite is None)


def _same_sitting(page: BasePage, user: User) -> Revision | None:
    """Return the latest revision if an automatic save may write over it: nobody has read, scheduled or published it."""
    latest: Revision | None = page.get_latest_revision()
    if latest is None or latest.user_id != user.pk or latest.approved_go_live_at or latest.pk == page.live_revision_id:
        return None
    if timezone.now() - latest.created_at > _SAME_SITTING or TaskState.objects.filter(revision=latest).exists():
        return None
    return latest


def _keep_beside(mine: BasePage, user: User, than: BasePage) -> None:
    """Keep a text that came second among the page's earlier versions, without making it the latest."""
    mine.title = mine.title.strip() or UNTITLED
    latest = than.latest_revision_created_at or timezone.now()
    Revision.objects.create(
        content_object=mine,
        base_content_type=mine.get_base_content_type(),
        user=user,
        content=mine.serializable_data(),
        object_str=str(mine),
        created_at=latest - timedelta(microseconds=1),
    )


def address_settle(page: BasePage) -> None:
    """Give a page that was never published the address its title asks for; a published one keeps its own."""
    if page.live or page.first_published_at is not None:
        return
    wanted = slugify(page.title)[:80].strip("-") or "news"
    if wanted == BRIEF:
        wanted = f"{BRIEF}-1"
    parent = page.get_parent()
    slug, number = wanted, 1
    taken = set(parent.get_children().exclude(pk=page.pk).values_list("slug", flat=True))
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    page.slug = slug
