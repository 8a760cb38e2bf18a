"""Review first: another owner reads, here or in Wagtail's admin; nothing is public before it was approved."""

import datetime

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, TaskState, Workflow

from cms.campaigns.models import CampaignUpdatePage
from coalition.accounts.models import User
from coalition.accounts.needs import needs_of
from coalition.accounts.roles import EDITORS
from coalition.mail.models import OutgoingMail
from coalition.organizing.reviewing import review_workflow_sync
from coalition.organizing.scheduling import due_publish
from search.models import Document
from tests import factories
from tests.coalition.organizing.conftest import Team, fields, person, reviewed, version_on
from tests.factories import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict(team: Team) -> Team:
    """A team whose texts are read first."""
    reviewed(team.organization)
    return team


def sent(team: Team, **more: str) -> CampaignUpdatePage:
    address = team.new_update()
    assert team.client.post(address, fields(do="publish", **more)).status_code == 302
    return CampaignUpdatePage.objects.get()


def review_address(update: CampaignUpdatePage) -> str:
    return f"/organize/reviews/{update.public_id}/"


def written(update: CampaignUpdatePage) -> str:
    return f"/organize/campaigns/{update.campaign().public_id}/updates/{update.public_id}/"


def test_an_owner_reads_and_approves(strict: Team) -> None:
    update = sent(strict)
    assert not update.live
    assert not Document.objects.filter(page_id=update.pk).exists()
    (need,) = needs_of(strict.owner)
    assert (need.sentence, need.url) == (
        "“We won notice” waits to be read before it is published.",
        review_address(update),
    )
    assert needs_of(strict.organizer) == []
    assert OutgoingMail.objects.get(kind="review_asked").to == strict.owner.email
    assert strict.client.get(need.url).status_code == 404
    page = strict.owners_client.get(need.url)
    assert b"sixty days" in page.content
    assert b"sixty days" in strict.owners_client.get(f"{need.url}?preview=1").content
    response = strict.owners_client.post(need.url, {"do": "approve", "version": version_on(page)})
    assert response.status_code == 302
    update.refresh_from_db()
    assert update.live
    assert needs_of(strict.owner) == []
    assert OutgoingMail.objects.get(kind="review_answered").to == strict.organizer.email
    # Wagtail's own notice, which leads to an admin that organizers do not have, is not sent.
    assert [message.subject for message in mail.outbox if "orkflow" in message.body] == []
    assert strict.owners_client.get(need.url).status_code == 404


def test_what_is_sent_back_comes_again(strict: Team) -> None:
    update = sent(strict)
    page = strict.owners_client.get(review_address(update))
    refused = strict.owners_client.post(review_address(update), {"do": "reject", "version": version_on(page)})
    assert [str(message) for message in refused.context["messages"]] == [
        "Say what should change, so that the author knows."
    ]
    strict.owners_client.post(
        review_address(update), {"do": "reject", "comment": "Name the hospital.", "version": version_on(page)}
    )
    (need,) = needs_of(strict.organizer)
    assert need.sentence == "“We won notice” was sent back to you: Name the hospital."
    again = strict.client.get(written(update))
    assert b"Name the hospital." in again.content
    better = fields(do="publish", text="At Mercy.", version=version_on(again))
    assert strict.client.post(written(update), better).status_code == 302
    assert needs_of(strict.organizer) == []
    page = strict.owners_client.get(review_address(update))
    strict.owners_client.post(review_address(update), {"do": "approve", "version": version_on(page)})
    assert CampaignUpdatePage.objects.get().text[0].value.source == "<p>At Mercy.</p>"
    assert CampaignUpdatePage.objects.get().live


def test_what_waits_cannot_be_changed_unless_it_is_taken_back(strict: Team) -> None:
    update = sent(strict)
    changed = fields(text="Something else.", version=version_on(strict.client.get(written(update))))
    assert strict.client.post(written(update), changed).status_code == 422
    assert strict.client.post(f"{review_address(update)}withdraw/").status_code == 302
    assert needs_of(strict.owner) == []
    assert strict.client.post(written(update), changed).status_code == 302
    assert not CampaignUpdatePage.objects.get().live


def test_only_what_was_read_is_approved(strict: Team) -> None:
    update = sent(strict)
    version = version_on(strict.owners_client.get(review_address(update)))
    draft = update.get_latest_revision_as_object()
    draft.title = "Changed in the admin"
    draft.save_revision()
    response = strict.owners_client.post(review_address(update), {"do": "approve", "version": version})
    assert [str(message) for message in response.context["messages"]] == [
        "The text has changed since you opened it. Read it again."
    ]
    assert not CampaignUpdatePage.objects.get().live


def test_editors_read_where_there_is_no_other_owner(strict: Team) -> None:
    editor = factories.user(groups=(EDITORS,))
    address = f"/organize/campaigns/{strict.campaign.public_id}/updates/new/"
    first = strict.owners_client.get(address)["Location"]
    strict.owners_client.post(first, fields(do="publish"))
    update = CampaignUpdatePage.objects.get()
    assert [need.url for need in needs_of(User.objects.get(pk=editor.pk))] == [review_address(update)]
    assert needs_of(strict.owner) == []
    assert strict.owners_client.get(review_address(update)).status_code == 404
    theirs = client_of(User.objects.get(pk=editor.pk))
    page = theirs.get(review_address(update))
    theirs.post(review_address(update), {"do": "approve", "version": version_on(page)})
    assert CampaignUpdatePage.objects.get().live


def test_an_approval_in_wagtails_admin_is_the_same(strict: Team) -> None:
    update = sent(strict)
    admin = client_of(factories.user(superuser=True))
    review = TaskState.objects.get()
    address = reverse("wagtailadmin_pages:workflow_action", args=[update.pk, "approve", review.pk])
    response = admin.post(address, {"comment": ""})
    assert response.status_code == 302, response.content
    assert CampaignUpdatePage.objects.get().live
    assert needs_of(strict.owner) == []
    assert OutgoingMail.objects.filter(kind="review_answered").count() == 1


def test_what_is_approved_goes_live_when_it_is_due(strict: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    due = timezone.localtime() + datetime.timedelta(days=1)
    address = strict.new_update()
    strict.client.post(address, fields(do="schedule", go_live_at=due.strftime("%Y-%m-%dT%H:%M")))
    update = CampaignUpdatePage.objects.get()
    page = strict.owners_client.get(review_address(update))
    strict.owners_client.post(review_address(update), {"do": "approve", "version": version_on(page)})
    assert not CampaignUpdatePage.objects.get().live
    monkeypatch.setattr(timezone, "now", lambda: due + datetime.timedelta(minutes=2))
    due_publish()
    assert CampaignUpdatePage.objects.get().live


def test_the_gate_is_asked_when_a_campaign_is_approved(strict: Team) -> None:
    start = f"/organize/organizations/{strict.organization.public_id}/campaigns/new/"
    token = strict.client.get(start).context["form"]["token"].value()
    made = strict.client.post(start, {"title": "Draft", "token": token})["Location"]
    response = strict.client.get(f"{made}publish/")
    assert len(response.context["missing"]) == 2
    posted = strict.client.post(f"{made}publish/", {"version": version_on(response)})
    assert posted.status_code == 422
    assert posted.context["form"].non_field_errors() == response.context["missing"]
    assert not TaskState.objects.exists()


def test_sending_twice_asks_once(strict: Team) -> None:
    address = strict.new_update()
    for _twice in range(2):
        assert strict.client.post(address, fields(do="publish")).status_code == 302
    assert TaskState.objects.count() == 1


def test_the_workflow_is_made_once_and_mended(db: None) -> None:
    first = review_workflow_sync()
    assert review_workflow_sync() == first
    first.deactivate()
    again = review_workflow_sync()
    assert (again.active, again.pk != first.pk) == (True, True)
    assert Workflow.objects.filter(active=True, name=again.name).count() == 1
    assert not Page.objects.filter(workflowpage__workflow=again).exists()


@pytest.mark.parametrize("site", ["editor", "administrator"])
def test_nobody_approves_their_own_text_whatever_else_they_are(strict: Team, site: str) -> None:
    groups = (EDITORS,) if site == "editor" else ()
    author = person(strict.organization, groups=groups, superuser=site == "administrator", second_lock=True)
    strict.client = client_of(author)
    update = sent(strict)
    assert strict.client.get(review_address(update)).status_code == 404
    answer = {"do": "approve", "version": version_on(strict.owners_client.get(review_address(update)))}
    assert strict.client.post(review_address(update), answer).status_code == 404
    review = TaskState.objects.get()
    in_the_admin = reverse("wagtailadmin_pages:workflow_action", args=[update.pk, "approve", review.pk])
    strict.client.post(in_the_admin, {"comment": ""})
    review.refresh_from_db()
    assert review.status == TaskState.STATUS_IN_PROGRESS
    assert not CampaignUpdatePage.objects.get().live


def test_a_correction_that_was_taken_back_is_not_said_twice(strict: Team) -> None:
    update = sent(strict)
    approve(strict, update)
    first = {"change": "correction", "correction": "We had written sixty.", "correction_date": "2026-03-02"}
    change(strict, update, text="Thirty days.", **first)
    assert strict.client.post(f"{review_address(update)}withdraw/").status_code == 302
    second = {"change": "correction", "correction": "We had written sixty days.", "correction_date": "2026-03-02"}
    change(strict, update, text="Thirty days in all.", **second)
    version = version_on(strict.owners_client.get(review_address(update)))
    strict.owners_client.post(review_address(update), {"do": "reject", "comment": "Once more.", "version": version})
    change(strict, update, text="Thirty days.", **second)
    approve(strict, update)
    said = [("We had written sixty days.", datetime.date(2026, 3, 2))]
    assert list(CampaignUpdatePage.objects.get().corrections.values_list("text", "date")) == said
    # What readers have been told stays.
    change(
        strict, update, text="Twenty.", change="correction", correction="It was thirty.", correction_date="2026-03-03"
    )
    approve(strict, update)
    assert list(CampaignUpdatePage.objects.get().corrections.values_list("text", "date")) == [
        *said,
        ("It was thirty.", datetime.date(2026, 3, 3)),
    ]


def approve(team: Team, update: CampaignUpdatePage) -> None:
    version = version_on(team.owners_client.get(review_address(update)))
    assert team.owners_client.post(review_address(update), {"do": "approve", "version": version}).status_code == 302


def change(team: Team, update: CampaignUpdatePage, **more: str) -> None:
    version = version_on(team.client.get(written(update)))
    assert team.client.post(written(update), fields(do="publish", version=version, **more)).status_code == 302
