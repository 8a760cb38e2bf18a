"""What happens at the same moment happens once. In a copy of the test database, because others must see the commits."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from coalition.organizing.errors import OrganizingError
from coalition.organizing.joining import join_answer, join_propose
from coalition.organizing.models import JoinRequest
from tests import factories
from tests.coalition.organizing.conftest import Team, fields, person, reviewed
from tests.coalition.threads import closing, waits_or_ends
from tests.factories import client_of


def test_an_update_sent_eight_times_at_once_is_published_once(own_database: None) -> None:
    team = Team()
    address = team.new_update()
    clients = [client_of(team.organizer) for _number in range(8)]

    def send(number: int) -> int:
        try:
            return clients[number].post(address, fields(do="publish")).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(8))) == [302] * 8
    update = CampaignUpdatePage.objects.get(title="We won notice")
    assert update.live
    assert update.revisions.count() == 2


def test_two_who_write_at_once_lose_nothing(own_database: None) -> None:
    team = Team()
    address = team.new_update()
    team.client.post(address, fields(text="First."))
    version = team.client.get(address).context["version"]
    clients = [client_of(team.organizer), client_of(team.owner)]

    def send(number: int) -> int:
        try:
            return clients[number].post(address, fields(text=f"Text {number}.", version=version)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == [302, 409]
    update = CampaignUpdatePage.objects.get(draft_title="We won notice")
    texts = {revision.as_object().text[0].value.source for revision in update.revisions.all()}
    assert texts == {"<p>First.</p>", "<p>Text 0.</p>", "<p>Text 1.</p>"}


def test_two_answers_at_once_are_one(own_database: None) -> None:
    team = Team()
    other = factories.organization("Local 2")
    theirs = person(other)
    request = join_propose(
        campaign=team.campaign, organization=other, role="supports", by=team.organizer, is_invitation=True
    )

    def answer(accepts: bool) -> bool:
        try:
            join_answer(request=JoinRequest.objects.get(pk=request.pk), by=theirs, accepts=accepts)
        except OrganizingError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        answered = list(pool.map(answer, [True, False, True, False]))
    assert sum(answered) == 1
    request.refresh_from_db()
    campaign = CampaignPage.objects.get(pk=team.campaign.pk)
    assert campaign.organization_links.filter(organization=other).count() == (request.state == "accepted")


def test_what_is_approved_while_its_campaign_is_taken_off_does_not_stay_on_the_site(own_database: None) -> None:
    team = Team()
    reviewed(team.organization)
    assert team.client.post(team.new_update(), fields(do="publish")).status_code == 302
    update = CampaignUpdatePage.objects.child_of(team.campaign).get()
    reading = f"/organize/reviews/{update.public_id}/"
    approval = {"do": "approve", "version": team.owners_client.get(reading).context["version"]}
    removal = f"/organize/campaigns/{team.campaign.public_id}/remove/"
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert team.owners_client.post(reading, approval).status_code == 302
            taken_off = pool.submit(closing(lambda: team.client.post(removal)))
            waits_or_ends(taken_off)
        assert taken_off.result().status_code == 302
    team.campaign.refresh_from_db()
    update.refresh_from_db()
    assert (team.campaign.live, update.live) == (False, False)
