"""What is due is published; what the gate refuses waits with its reason, and holds up nothing else."""

from datetime import timedelta

from django.utils import timezone

from cms.base.models import BasePage
from cms.taxonomy.schemes import Scheme
from coalition.accounts.needs import needs_of
from coalition.accounts.roles import EDITORS
from coalition.organizing.scheduling import due_publish
from tests import factories
from tests.coalition.organizing.conftest import Team


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
    campaign = team.campaign
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
