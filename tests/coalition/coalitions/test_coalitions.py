"""Coalitions: belonging by both sides' word, the shared calendar, and what a merge does to them."""

import datetime
import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from cms.campaigns.models import CampaignOrganization
from cms.organizations.models import OrganizationPage
from coalition.accounts.needs import needs_of
from coalition.coalitions.affiliations import affiliation_answer, affiliation_end, affiliation_propose, members_of
from coalition.coalitions.models import Affiliation, CalendarEntry
from coalition.mail.models import OutgoingMail
from coalition.membership.merging import organization_merge
from tests import factories
from tests.coalition.people import person, signed_in

pytestmark = pytest.mark.django_db


class Two:
    """A coalition and an organization, with an organizer each."""

    def __init__(self) -> None:
        self.alliance = factories.organization("State Alliance", kind="coalition")
        self.nurses = factories.organization("Nurses")
        self.ada, self.ben = person("ada", self.alliance, "organizer"), person("ben", self.nurses, "organizer")
        self.theirs, self.ours = signed_in(self.ada), signed_in(self.ben)

    def ask(self, client: Client, own: OrganizationPage, other: OrganizationPage, **more: str) -> Any:
        address = reverse("affiliation_new", args=[own.public_id])
        return client.post(address, {"other": str(other.public_id), **more}, follow=True)


@pytest.fixture
def two(db: None) -> Two:
    return Two()


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def together(page: OrganizationPage) -> str:
    """Return what a page says under "Together"; other parts of it name whoever faces the same."""
    return Client().get(page.url).content.decode().partition('id="together"')[2].partition("</section>")[0]


def test_an_organization_belongs_once_both_have_said_so(two: Two) -> None:
    assert said(two.ask(two.theirs, two.alliance, two.nurses)) == ["Asked."]
    assert together(two.nurses) == ""
    assert [need.sentence for need in needs_of(two.ben)] == ["State Alliance asks Nurses to belong to it."]
    affiliation = Affiliation.objects.get()
    answer = reverse("affiliation_decide", args=[affiliation.public_id])
    assert two.theirs.post(answer, {"accept": "1"}).status_code == 404
    two.ours.post(answer, {"accept": "1"})
    assert list(members_of(two.alliance)) == [two.nurses]
    for page, other in ((two.alliance, two.nurses), (two.nurses, two.alliance)):
        assert other.title in together(page)
    two.ours.post(reverse("affiliation_leave", args=[affiliation.public_id]))
    assert list(members_of(two.alliance)) == []
    assert together(two.alliance) == ""


def test_two_sides_that_ask_each_other_have_answered(two: Two) -> None:
    two.ask(two.ours, two.nurses, two.alliance)
    assert [need.sentence for need in needs_of(two.ada)] == ["Nurses would like to belong to State Alliance."]
    assert said(two.ask(two.theirs, two.alliance, two.nurses)) == ["Both sides want it: it is settled."]
    assert said(two.ask(two.theirs, two.alliance, two.nurses)) == ["Nurses belongs to it already."]
    assert Affiliation.objects.count() == 1


def test_nothing_belongs_to_a_union_or_to_itself(two: Two) -> None:
    bakers = factories.organization("Bakers")
    assert said(two.ask(two.ours, two.nurses, bakers)) == [
        "Organizations can belong to a coalition or a federation. This is neither."
    ]
    with pytest.raises(ValidationError, match="does not belong to itself"):
        affiliation_propose(coalition=two.alliance, member=two.alliance, by=two.ada, is_invitation=True)


def test_what_has_ended_stays_ended(two: Two) -> None:
    affiliation = affiliation_propose(coalition=two.alliance, member=two.nurses, by=two.ada, is_invitation=True)
    affiliation_end(affiliation=affiliation)
    with pytest.raises(ValidationError, match="answered or taken back already"):
        affiliation_answer(affiliation=affiliation, accepts=True)
    assert Affiliation.objects.get().state == "withdrawn"


def test_members_share_a_calendar_that_everybody_can_subscribe_to(two: Two) -> None:
    soon = timezone.now().replace(second=0, microsecond=0) + datetime.timedelta(days=7)
    enter = reverse("calendar_entry_new", args=[two.alliance.public_id])
    data = {"title": "Rally; bring drums", "starts": f"{timezone.localtime(soon):%Y-%m-%dT%H:%M}", "place": "The hall"}
    data["token"] = str(uuid.uuid4())
    assert two.ours.post(enter, data).status_code == 404
    affiliation = affiliation_propose(coalition=two.alliance, member=two.nurses, by=two.ada, is_invitation=True)
    affiliation_answer(affiliation=affiliation, accepts=True)
    assert two.ours.post(enter, {**data, "ends": "2020-01-01T10:00"}).status_code == 422
    assert two.ours.post(enter, data).status_code == 302
    campaign = factories.campaign("No badges")
    CampaignOrganization.objects.create(campaign=campaign, organization=two.nurses, role="leads")
    campaign.key_dates.create(date=soon.date(), text="The board votes")
    campaign.save()
    draft = factories.campaign("Secret", live=False)
    CampaignOrganization.objects.create(campaign=draft, organization=two.nurses, role="leads")
    draft.key_dates.create(date=soon.date(), text="Not yet public")
    draft.save()
    answer = Client().get(reverse("calendar", args=[two.alliance.public_id]))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert not answer.cookies
    events = {str(event["summary"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}
    assert set(events) == {"Rally; bring drums", "The board votes"}
    assert events["Rally; bring drums"]["dtstart"].dt == soon
    assert str(events["Rally; bring drums"]["location"]) == "The hall"
    assert events["The board votes"]["dtstart"].dt == soon.date()
    assert reverse("calendar_page", args=[two.alliance.public_id]) in Client().get(two.alliance.url).content.decode()
    shown = Client().get(reverse("calendar_page", args=[two.alliance.public_id])).content.decode()
    assert "Rally; bring drums" in shown
    assert "Not yet public" not in shown
    entry = CalendarEntry.objects.get()
    stranger = signed_in(person("eve", factories.organization(), "owner"))
    assert stranger.post(reverse("calendar_entry_delete", args=[entry.public_id])).status_code == 404
    two.theirs.post(reverse("calendar_entry_delete", args=[entry.public_id]))
    assert not CalendarEntry.objects.exists()


def test_a_union_and_a_draft_have_no_calendar(two: Two) -> None:
    draft = factories.organization(kind="coalition", live=False)
    for organization in (two.nurses, draft):
        assert Client().get(reverse("calendar", args=[organization.public_id])).status_code == 404


def test_a_merge_keeps_one_membership(two: Two) -> None:
    twin = factories.organization("Nurses Coast")
    for member, accepts in ((two.nurses, False), (twin, True)):
        affiliation = affiliation_propose(coalition=two.alliance, member=member, by=two.ada, is_invitation=True)
        if accepts:
            affiliation_answer(affiliation=affiliation, accepts=True)
    CalendarEntry.objects.create(coalition=two.alliance, organization=twin, title="Rally", starts=timezone.now())
    organization_merge(gone=twin, kept=two.nurses)
    assert list(Affiliation.objects.values_list("member__title", "state")) == [("Nurses", "accepted")]
    assert CalendarEntry.objects.get().organization == two.nurses


def test_a_date_sent_twice_is_entered_once(two: Two) -> None:
    enter = reverse("calendar_entry_new", args=[two.alliance.public_id])
    token = two.theirs.get(enter).context["form"]["token"].value()
    data = {"title": "Rally", "starts": "2030-05-01T10:00", "token": str(token)}
    for _twice in range(2):
        response = two.theirs.post(enter, data, follow=True)
        assert said(response) == ["The date stands in the calendar."]
    assert CalendarEntry.objects.filter(coalition=two.alliance).count() == 1
    # Another date is another, and nobody writes over what stands in the calendar of others.
    again = two.theirs.get(enter).context["form"]["token"].value()
    two.theirs.post(enter, {**data, "token": str(again)})
    assert CalendarEntry.objects.filter(coalition=two.alliance).count() == 2
    others = factories.organization("City Alliance", kind="coalition")
    cleo = signed_in(person("cleo", others, "organizer"))
    foreign = reverse("calendar_entry_new", args=[others.public_id])
    assert cleo.post(foreign, {**data, "title": "Mine"}).status_code == 422
    assert sorted(CalendarEntry.objects.values_list("title", "coalition")) == [("Rally", two.alliance.pk)] * 2


def test_the_side_that_answers_hears_by_mail(two: Two) -> None:
    two.ask(two.ours, two.nurses, two.alliance)
    asked = OutgoingMail.objects.get(kind="waits")
    assert asked.to == "ada@example.org"
    assert "/you/" in asked.text
    assert "Nurses" not in asked.subject + asked.text + asked.html
    two.ask(two.ours, two.nurses, two.alliance)
    assert OutgoingMail.objects.filter(kind="waits").count() == 1
