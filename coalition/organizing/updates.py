"""Updates of a campaign: what an organizer fills in, and how it becomes the draft of a page."""

import datetime
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from coalition.accounts.models import User
from coalition.organizing.drafts import UNTITLED, Saved, draft_save
from coalition.organizing.errors import OrganizingError
from coalition.organizing.streams import Written, blocks, read


@dataclass(frozen=True)
class Entry:
    """What an organizer has filled in."""

    title: str
    date: datetime.date
    html: str = ""
    image_id: int | None = None
    alt: str = ""
    is_win: bool = False
    # False where editors have made the text into more than a form can show: then it stays as it is.
    writes_text: bool = True
    go_live_at: datetime.datetime | None = None

    def write(self, page: CampaignUpdatePage) -> None:
        """Put it into a page."""
        page.title, page.date, page.is_win = self.title.strip() or UNTITLED, self.date, self.is_win
        page.go_live_at = self.go_live_at
        if self.writes_text:
            # Only where something changes: blocks keep their ids.
            written = Written(self.html, self.image_id, self.alt)
            if read(page.text) != written:
                block = CampaignUpdatePage._meta.get_field("text").stream_block
                page.text = block.to_python(blocks(written))


@transaction.atomic
def update_save(
    *,
    campaign: CampaignPage,
    public_id: uuid.UUID,
    user: User,
    entry: Entry,
    version: str,
    automatic: bool = False,
) -> Saved[CampaignUpdatePage]:
    """Save an update's draft; make its page the first time. The same id is the same update, however often it is sent.

    Raises:
        OrganizingError: another campaign has an update with this id, an editor has locked it, or it is being read.
    """
    # Who comes second waits here, and finds the page that the first has made.
    Page.objects.select_for_update().get(pk=campaign.pk)
    known = CampaignUpdatePage.objects.filter(public_id=public_id).first()
    if known is not None:
        if not known.is_child_of(campaign):
            raise OrganizingError(_("There is no such update."))
        return draft_save(page=known, user=user, version=version, write=entry.write, automatic=automatic)
    page = CampaignUpdatePage(public_id=public_id, live=False, owner=user, slug=f"draft-{public_id.hex[:12]}")
    page.is_demonstration = campaign.is_demonstration
    entry.write(page)
    parent = Page.objects.get(pk=campaign.pk)
    page.locale_id = parent.locale_id
    parent.add_child(instance=page)
    page.save_revision(user=user, clean=False, log_action=True)
    return Saved(page)
