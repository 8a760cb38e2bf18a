"""A campaign from its first line to the site, in steps, from the front end alone."""

import csv
from io import StringIO

import pytest
from django.test import Client

from cms.campaigns.models import CampaignPage
from cms.taxonomy.schemes import Scheme
from coalition.accounts.own_data import own_data
from search.models import Document
from tests import factories
from tests.coalition.organizing.conftest import Team, fields, person, version_on
from tests.factories import client_of

pytestmark = pytest.mark.django_db


def started(team: Team) -> str:
    start = f"/organize/organizations/{team.organization.public_id}/campaigns/new/"
    token = team.client.get(start).context["form"]["token"].value()
    first = team.client.post(start, {"title": "Stop the scanner", "token": token})["Location"]
    # The same form sent again is the same campaign.
    assert team.client.post(start, {"title": "Stop the scanner", "token": token})["Location"] == first
    return str(first)


def fill(team: Team, made: str, step: str, **data: object) -> None:
    address = f"{made}edit/{step}/"
    version = version_on(team.client.get(address))
    response = team.client.post(address, {"version": version, "do": "save", **data})
    assert response.status_code == 302, response.content.decode()


def rows(*entries: dict[str, str]) -> dict[str, str]:
    posted = {"rows-TOTAL_FORMS": str(len(entries)), "rows-INITIAL_FORMS": "0"}
    for i, entry in enumerate(entries):
        posted |= {f"rows-{i}-{name}": value for name, value in entry.items()}
    return posted


def test_from_the_first_line_to_the_site(team: Team) -> None:
    industry = factories.concept(Scheme.INDUSTRY, "Hospitals", notation="622")
    technology = factories.concept(Scheme.TECHNOLOGY, "Scanner")
    harm = factories.concept(Scheme.HARM, "Injury")
    place = factories.concept(Scheme.PLACE, "Nevada")
    story, resource = factories.story("Counted pauses"), factories.resource("Notice clause")
    made = started(team)
    campaign = CampaignPage.objects.get(title="Stop the scanner")
    assert not campaign.live
    assert Client().get(campaign.url).status_code == 404
    fill(team, made, "what", title="Stop the scanner", standfirst="It counts pauses.", text="Every pause is counted.")
    fill(
        team,
        made,
        "about",
        industry=industry.slug,
        technology=technology.slug,
        harm=harm.slug,
        place=place.slug,
    )
    demands = rows({"text": "Notice", "state": "won", "note": "2026"}, {"text": ""}, {"text": "Pay", "state": "open"})
    fill(team, made, "demands", **demands)
    fill(
        team,
        made,
        "act",
        what_you_can_do="Come to the **meeting**.",
        sign_up_url="https://local1.example/sign",
        event_url="local1.example/meeting",
        letter="Dear board,\n\nno.",
        phone_script="Hello, I work here.",
        contact="office@local1.example",
    )
    fill(team, made, "dates", started="2026-01-02", **rows({"date": "2026-03-01", "text": "Vote"}))
    fill(team, made, "outcome", outcome="partly-won", outcome_text="<h2>Won</h2><p>Notice.</p>", outcome_scope="All")
    fill(team, made, "stories", linked=str(story.public_id))
    fill(team, made, "resources", linked=str(resource.public_id))
    assert not Document.objects.filter(page_id=campaign.pk).exists()
    preview = team.client.get(f"{made}preview/")
    assert b"This is a preview" in preview.content
    publish = team.client.get(f"{made}publish/")
    assert publish.context["missing"] == []
    assert team.client.post(f"{made}publish/", {"version": version_on(publish)}).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.live, campaign.slug) == (True, "stop-the-scanner")
    page = Client().get(campaign.url).content.decode()
    for said in (
        "Every pause is counted.",
        "Notice",
        'href="https://local1.example/sign"',
        'href="https://local1.example/meeting"',
        "Dear board,",
        "Hello, I work here.",
        "Counted pauses",
        "Notice clause",
        "Vote",
        "Local 1",
    ):
        assert said in page, said
    stored = CampaignPage.objects.get(pk=campaign.pk)
    assert [(demand.text, demand.state) for demand in stored.demands.all()] == [("Notice", "won"), ("Pay", "open")]
    assert stored.outcome_text == "<p><b>Won</b></p><p>Notice.</p>"
    document = Document.objects.present().get(page_id=campaign.pk)
    assert "Dear board" in document.body


def test_finding_a_topic_keeps_what_is_ticked(team: Team) -> None:
    chosen = factories.concept(Scheme.HARM, "Injury of tests")
    factories.concept(Scheme.HARM, "Theft of test wages")
    made = started(team)
    address = f"{made}edit/about/"
    version = version_on(team.client.get(address))
    response = team.client.post(
        address, {"version": version, "harm": chosen.slug, "find-harm": "test wage", "do": "find-harm"}
    )
    harms = next(one for one in response.context["form"].lists() if one.scheme == "harm")
    assert [(option.term.label, option.is_chosen) for option in harms.options] == [
        ("Injury of tests", True),
        ("Theft of test wages", False),
    ]
    draft = CampaignPage.objects.get(title="Stop the scanner").get_latest_revision_as_object()
    assert draft.concept_ids(Scheme.HARM) == [chosen.pk]


def test_stories_are_found_by_words_and_drafts_are_not(team: Team) -> None:
    factories.story("Qwertic counts pauses", text="The qwertic counts every pause.")
    hidden = factories.story("Qwertic draft", live=False)
    made = started(team)
    address = f"{made}edit/stories/"
    version = version_on(team.client.get(address))
    response = team.client.post(address, {"version": version, "find": "qwertic", "do": "find"})
    assert [document.title for document in response.context["form"].found] == ["Qwertic counts pauses"]
    team.client.post(address, {"version": version_on(response), "linked": str(hidden.public_id), "do": "save"})
    draft = CampaignPage.objects.get(title="Stop the scanner").get_latest_revision_as_object()
    assert list(draft.story_links.all()) == []


def test_two_organizers_in_one_step_lose_nothing(team: Team) -> None:
    address = f"/organize/campaigns/{team.campaign.public_id}/edit/what/"
    version = version_on(team.client.get(address))
    theirs = {"version": version, "title": "Theirs", "do": "save"}
    assert team.owners_client.post(address, theirs).status_code == 302
    response = team.client.post(address, {"version": version, "title": "Mine", "do": "save"})
    assert response.status_code == 409
    assert [(part.kind, part.text) for part in response.context["parts"] if part.kind != "same"] == [
        ("gone", "Theirs"),
        ("new", "Mine"),
    ]
    again = {"version": version_on(response), "title": "Mine and theirs", "do": "save"}
    assert team.client.post(address, again).status_code == 302
    # Another step is another matter: what is written there is no conflict here.
    other = f"/organize/campaigns/{team.campaign.public_id}/edit/act/"
    version = version_on(team.client.get(other))
    team.owners_client.post(address, {"version": version_on(team.client.get(address)), "title": "Third", "do": "save"})
    assert team.client.post(other, {"version": version, "contact": "x", "do": "save"}).status_code == 302
    draft = CampaignPage.objects.get(pk=team.campaign.pk).get_latest_revision_as_object()
    assert (draft.title, draft.contact) == ("Third", "x")


def test_a_correction_of_a_campaign_shows(team: Team) -> None:
    step = f"/organize/campaigns/{team.campaign.public_id}/edit/what/"
    team.client.post(step, {"version": version_on(team.client.get(step)), "title": "Scanner stopped", "do": "save"})
    assert b"Scanner stopped" not in Client().get(team.campaign.url).content
    publish = f"/organize/campaigns/{team.campaign.public_id}/publish/"
    version = version_on(team.client.get(publish))
    assert team.client.post(publish, {"version": version}).status_code == 422
    sent = {"version": version, "change": "correction", "correction": "The title was wrong."}
    assert team.client.post(publish, sent).status_code == 302
    page = Client().get(team.campaign.url).content
    assert b"Scanner stopped" in page
    assert b"The title was wrong." in page


def test_taking_a_campaign_off_the_site_takes_its_updates_along_and_keeps_all_texts(team: Team) -> None:
    update = factories.update(team.campaign)
    removal = f"/organize/campaigns/{team.campaign.public_id}/remove/"
    assert team.client.post(removal).status_code == 302
    assert not CampaignPage.objects.get(pk=team.campaign.pk).live
    update.refresh_from_db()
    assert not update.live
    assert not Document.objects.present().filter(page_id__in=[team.campaign.pk, update.pk]).exists()
    assert team.client.get(f"/organize/campaigns/{team.campaign.public_id}/").status_code == 200


def test_the_list_shows_campaigns_and_updates_with_their_states(team: Team) -> None:
    factories.update(team.campaign, "Out", live=True)
    factories.update(team.campaign, "Not yet", live=False)
    page = team.client.get("/organize/campaigns/", follow=True).content.decode()
    for said in ("No algorithm boss", "Out", "on the site", "Not yet", "draft"):
        assert said in page
    assert "organize for no organization" in client_of(person()).get("/organize/campaigns/").content.decode()


def test_edit_links_are_for_those_who_may(team: Team) -> None:
    assert b"Post an update" in team.client.get(team.campaign.url).content
    assert b"Post an update" not in Client().get(team.campaign.url).content
    assert b"Post an update" not in client_of(person(team.organization, "member")).get(team.campaign.url).content


def test_a_step_posted_after_the_session_ended_is_back_after_signing_in(team: Team) -> None:
    address = f"/organize/campaigns/{team.campaign.public_id}/edit/what/"
    client = Client()
    client.post(address, {"version": "x", "title": "Long work", "do": "save"})
    client.force_login(team.organizer)
    assert client.get(address).context["form"]["title"].value() == "Long work"


def test_what_somebody_wrote_is_theirs_to_take_along(team: Team) -> None:
    team.client.post(team.new_update(), fields(text="Mine.", do="draft"))
    written = own_data(team.organizer)["campaigns and updates"]
    assert isinstance(written, dict)
    assert [(text["title"], text["text"]) for text in written["texts"]] == [("We won notice", "<p>Mine.</p>")]
    assert own_data(team.owner)["campaigns and updates"] == {"texts": [], "requests to join": []}


def test_every_page_asks_the_table(team: Team) -> None:
    from coalition.accounts.table import TABLE
    from coalition.organizing.urls import urlpatterns

    named = {url for rule in TABLE for url in rule.urls}
    assert {pattern.name for pattern in urlpatterns} <= named


def test_campaigns_and_updates_are_a_table(team: Team) -> None:
    factories.update(team.campaign, "=1+1")
    factories.update(team.campaign, "A draft", live=False)
    address = f"/organize/organizations/{team.organization.public_id}/campaigns.csv"
    rows = list(csv.DictReader(StringIO(team.client.get(address).content.decode("utf-8-sig"))))
    assert [(row["what"], row["title"], row["state"]) for row in rows] == [
        ("campaign", "No algorithm boss", "live"),
        ("update", "A draft", "draft"),
        ("update", "'=1+1", "live"),
    ]
    assert rows[0]["address"].endswith(team.campaign.relative_url(None))
    assert rows[1]["address"] == ""
    assert factories.client_of(factories.user()).get(address).status_code == 404
