"""What is due is published; what the gate refuses waits with its reason, and holds up nothing else."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from cms.base.models import BasePage
from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from cms.taxonomy.schemes import Scheme
from coalition.accounts.needs import needs_of
from coalition.accounts.roles import EDITORS
from coalition.organizing.scheduling import due_publish
from search.models import Document
from tests import factories
from tests.coalition.organizing.conftest import Team, campaign_led_by, fields, reviewed


def scheduled(page: BasePage, minutes_ago: int) -> None:
    """Have a draft be due since some minutes."""
    page.go_live_at = timezone.now() + timedelta(minutes=5)
    page.save_revision().publish()
    revision = page.revisions.get(approved_go_live_at__isnull=False)
    revision.approved_go_live_at = timezone.now() - timedelta(minutes=minutes_ago)
    revision.content["go_live_at"] = revision.approved_go_live_at.isoformat()
    revision.save()


def test_one_that_is_refused_holds_up_no_other(team: Team) -> None:
    first, last = factories.story("First", live=False), factories.update(team.campaign, "Last", live=False)
    # With a revision that is live, or scheduling a change would take it off the site.
    team.campaign.save_revision().publish()
    campaign = CampaignPage.objects.get(pk=team.campaign.pk)
    scheduled(campaign, 20)
    scheduled(first, 30)
    scheduled(last, 10)
    for page in (campaign, first):
        revision = page.revisions.get(approved_go_live_at__isnull=False)
        revision.content["technology_links" if "technology_links" in revision.content else "technologies"] = []
        for name in list(revision.content):
            if "technolog" in name:
                revision.content[name] = []
        revision.save()
    assert due_publish() == 1
    first.refresh_from_db()
    last.refresh_from_db()
    assert (first.live, last.live) == (False, True)
    edith = factories.user("edith@example.org", groups=(EDITORS,))
    (need, *_others) = [each for each in needs_of(edith) if "“First”" in str(each.sentence)]
    assert str(need.sentence).startswith("“First” was to be published and could not be: ")
    assert need.url == f"/admin/pages/{first.pk}/edit/"
    (own,) = [each for each in needs_of(team.organizer) if "could not be" in str(each.sentence)]
    assert "“No algorithm boss”" in str(own.sentence)
    assert own.url == f"/organize/campaigns/{campaign.public_id}/"
    assert not [each for each in needs_of(factories.user()) if "could not be" in str(each.sentence)]
    # Once it is mended it is published, and nothing waits.
    revision = first.revisions.get(approved_go_live_at__isnull=False)
    mended = revision.as_object()
    mended.set_concepts(Scheme.TECHNOLOGY, [factories.concept(Scheme.TECHNOLOGY, "Test technology")])
    revision.content = mended.serializable_data()
    revision.save()
    assert due_publish() == 1
    assert not [each for each in needs_of(edith) if "“First”" in str(each.sentence)]


def tomorrow() -> datetime:
    return timezone.localtime() + timedelta(days=1)


def scheduled_update(team: Team) -> CampaignUpdatePage:
    """Return an update that its organizer has put on the schedule, at the public door."""
    address = team.new_update()
    due = fields(do="schedule", go_live_at=tomorrow().strftime("%Y-%m-%dT%H:%M"))
    assert team.client.post(address, due).status_code == 302
    return CampaignUpdatePage.objects.child_of(team.campaign).get()


def test_an_update_of_a_draft_waits_for_its_campaign(team: Team) -> None:
    team.campaign = campaign_led_by(team.organization, live=False, title="Still a draft")
    address = team.new_update()
    refused = team.client.post(address, fields(do="publish"))
    assert refused.status_code == 422
    assert refused.context["form"].non_field_errors() == ["Publish the campaign first."]
    update = CampaignUpdatePage.objects.child_of(team.campaign).get()
    assert not update.live
    assert not Document.objects.filter(page_id=update.pk).exists()


@pytest.mark.parametrize("door", ["organizer", "editor", "date"])
def test_what_is_scheduled_does_not_go_live_below_a_campaign_that_was_taken_off(
    team: Team, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    update = scheduled_update(team)
    if door == "organizer":
        taken = team.client.post(f"/organize/campaigns/{team.campaign.public_id}/remove/")
        assert taken.status_code == 302
    elif door == "editor":
        admin = factories.client_of(factories.user(superuser=True))
        assert admin.post(f"/admin/pages/{team.campaign.pk}/unpublish/").status_code == 302
    else:
        CampaignPage.objects.filter(pk=team.campaign.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
        due_publish()
    team.campaign.refresh_from_db()
    assert not team.campaign.live
    later = tomorrow() + timedelta(minutes=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    due_publish()
    update.refresh_from_db()
    assert not update.live
    address = f"/organize/campaigns/{team.campaign.public_id}/updates/{update.public_id}/"
    page = team.client.get(address)
    assert page.context["scheduled"] is None
    assert page.context["form"]["title"].value() == "We won notice"
    assert not [each for each in needs_of(team.organizer) if "could not be" in str(each.sentence)]


def test_what_waits_to_be_read_is_a_draft_again_when_its_campaign_is_taken_off(team: Team) -> None:
    reviewed(team.organization)
    address = team.new_update()
    assert team.client.post(address, fields(do="publish")).status_code == 302
    update = CampaignUpdatePage.objects.child_of(team.campaign).get()
    reading = f"/organize/reviews/{update.public_id}/"
    version = team.owners_client.get(reading).context["version"]
    assert team.client.post(f"/organize/campaigns/{team.campaign.public_id}/remove/").status_code == 302
    assert team.owners_client.post(reading, {"do": "approve", "version": version}).status_code == 404
    update.refresh_from_db()
    assert not update.live
    assert team.client.get(address).context["form"]["title"].value() == "We won notice"
    assert team.client.get(address).context["may_publish"]
