"""What the gate asks of updates."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from cms.base.gate import refuses
from cms.base.models import BasePage
from cms.campaigns.models import CampaignUpdatePage


@refuses
def campaign_is_public(page: BasePage) -> Iterable[str]:
    """News of a campaign that nobody can read would give away a draft, or what was taken off the site."""
    if isinstance(page, CampaignUpdatePage):
        # As it is stored now, not as it was when somebody first asked for it.
        parent = page.get_parent(update=True)
        if parent is not None and not parent.live:
            yield _("Publish the campaign first.")
