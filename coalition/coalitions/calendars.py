"""A coalition's calendar: the dates its members enter, and the key dates of their campaigns. Also as iCalendar."""

import datetime
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from cms.campaigns.models import CampaignPage, KeyDate
from cms.organizations.models import OrganizationPage
from coalition.coalitions.affiliations import members_of
from coalition.coalitions.models import CalendarEntry

# A calendar looks ahead; what is long over is history, and stands on the campaigns' pages.
BACK = datetime.timedelta(days=31)
MOST = 300


@dataclass(frozen=True)
class Moment:
    """Something on a date: a moment with its hour, or a whole day. ``url`` is site-relative or an address elsewhere."""

    uid: str
    title: str
    day: datetime.date
    starts: datetime.datetime | None
    ends: datetime.datetime | None
    who: str
    place: str
    url: str
    note: str
    entry: CalendarEntry | None = None


def calendar_of(coalition: OrganizationPage) -> list[Moment]:
    """Return what a coalition's calendar holds from a month ago on, soonest first.

    Campaigns count that the coalition or a member is in, live ones only.
    """
    since = timezone.now() - BACK
    entries = CalendarEntry.objects.filter(coalition=coalition, starts__gte=since).select_related("organization")
    moments = [
        Moment(
            uid=str(entry.public_id),
            title=entry.title,
            day=timezone.localtime(entry.starts).date(),
            starts=entry.starts,
            ends=entry.ends,
            who=entry.organization.title,
            place=entry.place,
            url=entry.link,
            note=entry.note,
            entry=entry,
        )
        for entry in entries[:MOST]
    ]
    whose = [coalition.pk, *members_of(coalition).values_list("pk", flat=True)]
    campaigns = CampaignPage.objects.live().public().filter(organization_links__organization_id__in=whose).distinct()
    dates = KeyDate.objects.filter(campaign__in=campaigns, date__gte=since.date()).select_related("campaign")
    moments += [
        Moment(
            uid=f"{date.campaign.public_id}-{date.pk}",
            title=date.text,
            day=date.date,
            starts=None,
            ends=None,
            who=date.campaign.title,
            place="",
            url=date.campaign.relative_url(None) or "",
            note="",
        )
        for date in dates.order_by("date", "pk")[:MOST]
    ]
    # Whole days come before moments of the same day.
    return sorted(moments, key=lambda moment: (moment.day, moment.starts or _midnight(datetime.date.min), moment.uid))


@transaction.atomic
def entry_add(*, entry: CalendarEntry, organization: OrganizationPage, token: uuid.UUID) -> CalendarEntry:
    """Enter a date into its coalition's calendar. The same token is the same date, however often it is sent.

    Args:
        entry: what a form says, with its coalition; not stored yet.
        organization: whose date it is.
        token: becomes the date's id.

    Raises:
        ValidationError: another coalition's date has this id.
    """
    entry.public_id, entry.organization = token, organization
    # Who comes second waits here, and finds what the first has entered.
    OrganizationPage.objects.select_for_update(of=("self",)).get(pk=entry.coalition_id)
    known = CalendarEntry.objects.filter(public_id=token).first()
    if known is None:
        entry.save()
        return entry
    if known.coalition_id != entry.coalition_id:
        raise ValidationError(_("This form belongs to another calendar. Open it again."))
    return known


def calendar_ics(coalition: OrganizationPage) -> bytes:
    """Return a coalition's calendar as iCalendar (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//Coalition//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", coalition.title)
    for moment in calendar_of(coalition):
        event = Event()
        event.add("uid", moment.uid)
        event.add("summary", moment.title)
        event.add("dtstamp", moment.entry.changed if moment.entry else _midnight(moment.day))
        event.add("dtstart", moment.starts or moment.day)
        if moment.ends:
            event.add("dtend", moment.ends)
        if moment.place:
            event.add("location", moment.place)
        event.add("description", "\n".join(part for part in (moment.who, moment.note) if part))
        if moment.url:
            event.add("url", moment.url if "://" in moment.url else settings.PUBLIC_URL + moment.url)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _midnight(day: datetime.date) -> datetime.datetime:
    # The moment of a change is not kept for a key date; its own day is the same at every reading.
    return datetime.datetime.combine(day, datetime.time(), tzinfo=datetime.UTC)
