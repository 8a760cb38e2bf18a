"""An update: few fields, saved at every step, published once, whatever happens in between."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from cms.campaigns.models import CampaignUpdatePage
from coalition.organizing.scheduling import due_publish
from search.models import Document
from tests import factories
from tests.coalition.organizing.conftest import Team, campaign_led_by, fields, person, version_on
from tests.factories import client_of

pytestmark = pytest.mark.django_db


def only() -> CampaignUpdatePage:
    return CampaignUpdatePage.objects.get()


def test_from_opening_to_published_takes_one_page(team: Team) -> None:
    address = team.new_update()
    page = team.client.get(address)
    assert page.status_code == 200
    response = team.client.post(address, fields(do="publish", is_win="on"))
    assert response.status_code == 302
    update = only()
    assert (update.live, update.title, update.is_win, update.slug) == (True, "We won notice", True, "we-won-notice")
    assert update.text[0].value.source == "<p>The board voted.</p><ul><li>sixty days</li></ul>"
    assert update.owner == team.organizer
    seen = Client().get(update.url)
    assert b"sixty days" in seen.content
    assert b"Edit this update" not in seen.content
    assert b"Edit this update" in team.client.get(update.url).content
    assert Document.objects.present().filter(page_id=update.pk).exists()


def test_a_draft_is_on_the_server_after_the_first_save_and_nowhere_else(team: Team) -> None:
    address = team.new_update()
    team.client.post(address, fields(title=""))
    update = only()
    assert not update.live
    assert not Document.objects.filter(page_id=update.pk).exists()
    assert Client().get(update.url).status_code == 404
    again = team.client.get(address)
    assert again.context["form"]["title"].value() == ""
    assert again.context["form"]["text"].value() == "The board voted.\n\n- sixty days"


def test_preview_shows_the_draft_and_leads_back(team: Team) -> None:
    address = team.new_update()
    response = team.client.post(address, fields(do="preview"), follow=True)
    assert b"This is a preview" in response.content
    assert b"sixty days" in response.content
    assert not only().live


def test_what_is_missing_is_said_and_nothing_is_lost(team: Team) -> None:
    address = team.new_update()
    response = team.client.post(address, fields(do="publish", title="", text=""))
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "Give it a title before you publish it.",
        "Write a sentence before you publish the update.",
    ]
    assert not only().live
    response = team.client.post(address, fields(do="publish", version=version_on(response)))
    assert response.status_code == 302
    assert only().live


def test_sending_twice_publishes_once(team: Team) -> None:
    address = team.new_update()
    for _twice in range(2):
        assert team.client.post(address, fields(do="publish")).status_code == 302
    assert only().revisions.count() == 2
    assert only().live


def test_automatic_saves_of_one_sitting_are_one_revision(team: Team) -> None:
    address, version = team.new_update(), ""
    for text in ("One", "One two", "One two three"):
        response = team.client.post(address, fields(do="auto", text=text, version=version))
        assert response.status_code == 200
        version = response.json()["version"]
    assert only().revisions.count() == 1
    assert team.client.get(address).context["form"]["text"].value() == "One two three"


def test_the_later_of_two_sees_both_texts_and_neither_is_lost(team: Team) -> None:
    address = team.new_update()
    team.client.post(address, fields(text="The board voted."))
    version = version_on(team.client.get(address))
    team.owners_client.post(address, fields(text="The board voted yes.", version=version))
    response = team.client.post(address, fields(text="The board voted at last.", version=version, do="publish"))
    assert response.status_code == 409
    parts = [(part.kind, part.text) for part in response.context["conflict"]["parts"]]
    assert parts == [
        ("same", "We won notice\n\nThe board voted "),
        ("gone", "yes."),
        ("new", "at last."),
    ]
    assert b"<del>" in response.content
    assert b"<ins>" in response.content
    assert response.context["form"]["text"].value() == "The board voted at last."
    assert not only().live
    texts = [entry["page"].text[0].value.source for entry in _versions(team)]
    assert texts == ["<p>The board voted yes.</p>", "<p>The board voted at last.</p>", "<p>The board voted.</p>"]
    merged = fields(text="The board voted yes at last.", version=version_on(response), do="publish")
    assert team.client.post(address, merged).status_code == 302
    assert only().text[0].value.source == "<p>The board voted yes at last.</p>"


def _versions(team: Team) -> list[dict[str, CampaignUpdatePage]]:
    response = team.client.get(f"/organize/updates/{only().public_id}/versions/")
    found: list[dict[str, CampaignUpdatePage]] = response.context["entries"]
    return found


def test_an_automatic_save_that_comes_second_overwrites_nothing(team: Team) -> None:
    address = team.new_update()
    team.client.post(address, fields(text="A"))
    version = version_on(team.client.get(address))
    team.owners_client.post(address, fields(text="B", version=version))
    response = team.client.post(address, fields(text="C", version=version, do="auto"))
    assert response.status_code == 409
    assert response.json() == {
        "conflict": "Somebody else has changed this update. Press “Save draft” to see both texts."
    }
    assert team.client.get(address).context["form"]["text"].value() == "B"


def test_what_is_posted_after_the_session_ended_is_back_after_signing_in(team: Team) -> None:
    address = team.new_update()
    client = Client()
    response = client.post(address, fields(text="Written for an hour."))
    assert response.status_code == 302
    assert response["Location"].endswith(f"?next={address}")
    assert not CampaignUpdatePage.objects.exists()
    client.force_login(team.organizer)
    again = client.get(address)
    assert again.context["form"]["text"].value() == "Written for an hour."
    client.post(address, fields(text="Written for an hour.", version=version_on(again)))
    assert only().get_latest_revision_as_object().text[0].value.source == "<p>Written for an hour.</p>"
    assert "kept" not in client.session or client.session["kept"] == {}


def test_a_form_with_an_old_token_comes_back_as_it_was_filled_in(team: Team) -> None:
    address = team.new_update()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(team.organizer)
    own = strict.post(address, fields(text="An hour's work."), headers={"origin": "http://testserver"})
    assert (own.status_code, own["Location"]) == (302, address)
    assert strict.get(address).context["form"]["text"].value() == "An hour's work."
    assert not CampaignUpdatePage.objects.exists()
    other = Client(enforce_csrf_checks=True)
    other.force_login(team.organizer)
    foreign = other.post(address, fields(text="Theirs."), headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert other.get(address).context["form"]["text"].value() is None


def test_an_update_goes_live_when_it_is_due(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    address = team.new_update()
    due = timezone.localtime() + datetime.timedelta(days=1)
    data = fields(do="schedule", go_live_at=due.strftime("%Y-%m-%dT%H:%M"))
    assert team.client.post(address, data).status_code == 302
    due_publish()
    assert not only().live
    assert team.client.get(address).context["scheduled"] is not None
    monkeypatch.setattr(timezone, "now", lambda: due + datetime.timedelta(minutes=2))
    due_publish()
    assert only().live
    assert Document.objects.present().filter(page_id=only().pk).exists()


def test_a_schedule_can_be_taken_back_and_the_past_is_refused(team: Team) -> None:
    address = team.new_update()
    response = team.client.post(address, fields(do="schedule", go_live_at="2020-01-01T10:00"))
    assert response.status_code == 422
    assert response.context["form"].errors["go_live_at"] == ["Choose a day and a time that is still to come."]
    due = (timezone.localtime() + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    team.client.post(address, fields(do="schedule", go_live_at=due, version=version_on(response)))
    team.client.post(address, fields(do="unschedule"))
    assert not only().revisions.filter(approved_go_live_at__isnull=False).exists()


def test_a_change_of_something_published_says_what_it_is(team: Team) -> None:
    address = team.new_update()
    team.client.post(address, fields(do="publish"))
    version = version_on(team.client.get(address))
    changed = fields(do="publish", text="The board voted. Thirty days.", version=version)
    response = team.client.post(address, changed)
    assert response.status_code == 422
    assert response.context["form"].errors["change"] == ["Say whether this is a small fix or a correction."]
    changed |= {
        "version": version_on(response),
        "change": "correction",
        "correction": "We had written sixty days.",
        "correction_date": "2026-03-02",
    }
    assert team.client.post(address, changed).status_code == 302
    seen = Client().get(only().url).content.decode()
    assert "We had written sixty days." in seen
    assert "Thirty days." in seen
    version = version_on(team.client.get(address))
    small = fields(do="publish", text="The board voted: thirty days.", change="small", version=version)
    assert team.client.post(address, small).status_code == 302
    assert [one.text for one in only().corrections.all()] == ["We had written sixty days."]


def test_a_draft_is_deleted_and_what_was_published_is_taken_off_with_its_text_kept(team: Team) -> None:
    address = team.new_update()
    team.client.post(address, fields())
    removal = f"/organize/updates/{only().public_id}/remove/"
    assert b"Delete the draft" in team.client.get(removal).content
    team.client.post(removal)
    assert not CampaignUpdatePage.objects.exists()
    address = team.new_update()
    team.client.post(address, fields(do="publish"))
    removal = f"/organize/updates/{only().public_id}/remove/"
    team.client.post(removal)
    assert not only().live
    assert not Document.objects.present().filter(page_id=only().pk).exists()
    assert team.client.get(address).context["form"]["title"].value() == "We won notice"
    assert team.client.post(removal).status_code == 404


def test_pasted_html_is_cleaned_and_what_went_is_said(team: Team) -> None:
    pasted = '<p>We <strong>won</strong>.<img src="https://t.example/p.gif"></p><script>x()</script>'
    response = team.client.post(team.new_update(), fields(text=pasted, do="publish"), follow=True)
    assert only().text[0].value.source == "<p>We <b>won</b>.</p>"
    said = [str(message) for message in response.context["messages"]]
    assert said[0] == "Taken out of the text: pictures (add one below the text), scripts and forms."


def test_what_editors_made_of_the_text_is_kept(team: Team) -> None:
    update = factories.update(team.campaign, "Made by editors")
    update.text = [("quote", {"text": "No.", "speaker": "A nurse", "role": "", "source": ""})]
    update.save_revision().publish()
    address = f"/organize/campaigns/{team.campaign.public_id}/updates/{update.public_id}/"
    page = team.client.get(address)
    assert not page.context["is_writable"]
    changed = fields(title="Retitled", text="", do="publish", change="small", version=version_on(page))
    assert team.client.post(address, changed).status_code == 302
    assert (only().title, only().text[0].value["text"]) == ("Retitled", "No.")


def test_the_address_of_another_campaigns_update_answers_as_an_absent_one(team: Team) -> None:
    other = campaign_led_by(team.organization)
    update = factories.update(other)
    address = f"/organize/campaigns/{team.campaign.public_id}/updates/{update.public_id}/"
    assert team.client.get(address).status_code == 404
    assert team.client.post(address, fields()).status_code == 404


def test_an_update_titled_brief_does_not_take_the_briefs_address(team: Team) -> None:
    team.client.post(team.new_update(), fields(title="Brief", do="publish"))
    assert only().slug == "brief-1"


@pytest.mark.parametrize("role", [None, "member", "elsewhere"])
def test_others_get_what_an_absent_campaign_gets(team: Team, role: str | None) -> None:
    update = factories.update(team.campaign, live=False)
    organization = {"member": team.organization, "elsewhere": factories.organization()}.get(role or "")
    somebody = client_of(person(organization, "member" if role == "member" else "owner"))
    absent = "00000000-0000-4000-8000-000000000000"
    templates = [
        "/organize/campaigns/{c}/",
        "/organize/campaigns/{c}/edit/what/",
        "/organize/campaigns/{c}/preview/",
        "/organize/campaigns/{c}/publish/",
        "/organize/campaigns/{c}/remove/",
        "/organize/campaigns/{c}/organizations/",
        "/organize/campaigns/{c}/updates/new/",
        "/organize/campaigns/{c}/updates/{u}/",
        "/organize/updates/{u}/",
        "/organize/updates/{u}/preview/",
        "/organize/updates/{u}/remove/",
        "/organize/updates/{u}/versions/",
        "/organize/organizations/{o}/campaigns/",
        "/organize/organizations/{o}/campaigns/new/",
    ]
    for template in templates:
        theirs = template.format(c=team.campaign.public_id, u=update.public_id, o=team.organization.public_id)
        none = template.format(c=absent, u=absent, o=absent)
        for method in (somebody.get, somebody.post):
            answers = [method(url) for url in (theirs, none)]
            assert answers[0].status_code == answers[1].status_code, theirs
            assert answers[0].status_code in (404, 405), theirs
    assert Client().get(f"/organize/updates/{update.public_id}/").status_code == 302
