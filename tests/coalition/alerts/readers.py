"""Followers for tests, and what they got."""

from datetime import datetime

from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.http import QueryDict

from cms.base.models import BasePage
from cms.campaigns.models import CampaignPage
from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.alerts.digests import digests_make
from coalition.alerts.following import follow_add
from coalition.alerts.matching import news_match_all
from coalition.alerts.models import Channel, Follow, News, Rhythm
from coalition.alerts.targets import target_from
from coalition.mail.sending import mails_deliver


def followed(
    user: User, what: BasePage | str, *, rhythm: Rhythm = Rhythm.AT_ONCE, channel: Channel = Channel.MAIL
) -> Follow:
    """Have somebody follow a campaign, an organization, or the search that an address asks for."""
    names = {CampaignPage: "campaign-id", OrganizationPage: "organization-id"}
    address = what if isinstance(what, str) else f"{names[type(what)]}={what.public_id}"
    target = target_from(QueryDict(address))
    assert target is not None
    return follow_add(user=user, target=target, rhythm=rhythm, channel=channel)


def all_heard() -> None:
    """Have everything so far be no news."""
    News.objects.update(is_matched=True)


def told(now: datetime | None = None) -> list[EmailMultiAlternatives]:
    """Have everything told that is due, and return the mails that this sent."""
    before = len(outbox.outbox)
    news_match_all()
    digests_make(now)
    mails_deliver()
    return outbox.outbox[before:]
