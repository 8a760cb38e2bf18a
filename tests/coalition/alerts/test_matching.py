"""Whoever follows something hears of it once: of what is new, of how a campaign stands, and of nothing else."""

from importlib import import_module

import pytest
from django.db import connection

from cms.base.merging import concept_merge
from cms.taxonomy.models import TechnologyProduct, Vendor
from cms.taxonomy.schemes import Scheme
from coalition.alerts.matching import news_match_all
from coalition.alerts.models import Entry, Follow, News
from coalition.membership.merging import organization_merge
from tests import factories
from tests.coalition.alerts.readers import all_heard, followed

pytestmark = pytest.mark.django_db


def heard(follow: Follow) -> list[tuple[str, str]]:
    """Return what somebody heard of: what happened, and the title."""
    news_match_all()
    entries = Entry.objects.filter(follow=follow).order_by("news")
    return [(entry.news.what, entry.news.document.title) for entry in entries]


def test_a_search_hears_of_what_its_page_would_show() -> None:
    concept = factories.concept(Scheme.HARM, "Sped-up work")
    follow = followed(factories.user(), f"harm={concept.slug}&type=story&q=scanner")
    all_heard()
    factories.story("The scanner sets the pace", harms=[concept])
    factories.story("A scanner elsewhere")
    factories.story("Another pace", harms=[concept])
    factories.story("A scanner in a draft", harms=[concept], live=False)
    assert heard(follow) == [("new", "The scanner sets the pace")]
    assert heard(follow) == [("new", "The scanner sets the pace")]


def test_an_empty_search_hears_of_everything() -> None:
    follow = followed(factories.user(), "")
    all_heard()
    factories.resource("A law")
    assert heard(follow) == [("new", "A law")]


def test_a_campaign_hears_of_its_updates_and_of_how_it_stands() -> None:
    campaign, other = factories.campaign("Ours"), factories.campaign("Theirs")
    follow = followed(factories.user(), campaign)
    all_heard()
    factories.update(campaign, "We have met")
    factories.update(other, "They have met")
    campaign.outcome = "won"
    campaign.save()
    campaign.title = "Ours, won"
    campaign.save()
    assert heard(follow) == [("new", "We have met"), ("outcome", "Ours, won")]


def test_what_no_longer_holds_is_not_told() -> None:
    campaign = factories.campaign("Ours")
    follow = followed(factories.user(), campaign)
    all_heard()
    for outcome in ("won", "open"):
        campaign.outcome = outcome
        campaign.save()
    assert heard(follow) == [("outcome", "Ours")]
    assert [entry.news.outcome for entry in Entry.objects.filter(follow=follow)] == ["open"]


def test_an_organization_hears_of_what_carries_it() -> None:
    organization = factories.organization("Local 1")
    follow = followed(factories.user(), organization)
    all_heard()
    campaign = factories.campaign("With Local 1")
    campaign.organization_links.create(organization=organization, role="leads")
    campaign.save()
    factories.update(campaign, "First steps")
    factories.campaign("Without")
    assert [title for _what, title in heard(follow)] == ["With Local 1", "First steps"]


def test_what_comes_back_is_not_new_and_what_was_gone_too_early_is() -> None:
    follow = followed(factories.user(), "type=story")
    all_heard()
    old = factories.story("Told")
    assert heard(follow) == [("new", "Told")]
    old.unpublish()
    old.save_revision().publish()
    fresh = factories.story("Taken back at once")
    fresh.unpublish()
    assert heard(follow) == [("new", "Told")]
    fresh.save_revision().publish()
    assert [title for _what, title in heard(follow)] == ["Told", "Taken back at once"]


def test_paused_and_unconfirmed_follows_hear_nothing() -> None:
    paused, asked = followed(factories.user(), "type=story"), followed(factories.user(), "type=story")
    Follow.objects.filter(pk=paused.pk).update(is_paused=True)
    Follow.objects.filter(pk=asked.pk).update(confirmed=None)
    all_heard()
    factories.story()
    assert (heard(paused), heard(asked)) == ([], [])


def test_a_date_shown_of_a_story_is_no_finer_than_the_month() -> None:
    assert News.objects.get(document__public_id=factories.story().public_id).shown_on.day == 1


def test_a_merged_organization_takes_its_followers_along() -> None:
    kept, gone = factories.organization("Kept"), factories.organization("Gone")
    one, both = factories.user(), factories.user()
    follows = [followed(one, gone), followed(both, gone), followed(both, kept)]
    search = followed(one, f"organization={gone.slug}&type=update")
    organization_merge(kept=kept, gone=gone)
    found = Follow.objects.filter(pk__in=[follow.pk for follow in follows])
    assert {(follow.follower.user, follow.target, follow.label) for follow in found} == {
        (user, str(kept.public_id), "Kept") for user in (one, both)
    }
    search.refresh_from_db()
    assert search.target == f"type=update&organization={kept.slug}"


def test_a_merged_concept_takes_saved_searches_along() -> None:
    kept, gone = factories.concept(Scheme.HARM, "Haste"), factories.concept(Scheme.HARM, "Hurry")
    follow = followed(factories.user(), f"harm={gone.slug}")
    concept_merge(source=gone, target=kept)
    all_heard()
    factories.story("Faster", harms=[kept])
    assert heard(follow) == [("new", "Faster")]


def test_what_is_there_before_following_comes_to_feeds_and_is_no_news() -> None:

    campaign = factories.campaign()
    update, story = factories.update(campaign), factories.story()
    News.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("coalition.alerts.migrations.0002_news_of_what_is_there").SQL)
    found = {news.document.public_id: news for news in News.objects.select_related("document")}
    assert all(news.is_matched for news in found.values())
    assert found[campaign.public_id].campaign == found[update.public_id].campaign == campaign.public_id
    assert (found[story.public_id].campaign, found[story.public_id].shown_on.day) == (None, 1)


def test_what_is_called_otherwise_is_still_followed() -> None:
    user = factories.user()
    harm, organization = factories.concept(Scheme.HARM, "Hurry"), factories.organization("Local 9")
    vendor = Vendor.objects.create(name="Acme")
    product = TechnologyProduct.objects.create(name="Watcher", vendor=vendor)
    campaign = factories.campaign("Stop it")
    follows = [
        followed(user, address)
        for address in ("harm=hurry&q=pace", f"organization={organization.slug}", "product=Watcher", "vendor=Acme")
    ]
    by_id = followed(user, campaign)
    harm.slug = "haste"
    harm.save()
    organization.slug = "local-nine"
    organization.save_revision().publish()
    product.name, vendor.name = "Guardian", "Acme & Sons"
    product.save()
    vendor.save()
    campaign.slug = "stop-it-now"
    campaign.save()
    for follow in (*follows, by_id):
        follow.refresh_from_db()
    assert [follow.target for follow in follows] == [
        "q=pace&harm=haste",
        "organization=local-nine",
        "product=Guardian",
        "vendor=Acme+%26+Sons",
    ]
    all_heard()
    factories.update(campaign, "News")
    assert heard(by_id) == [("new", "News")]
    product.name = "Guardian: Two"
    product.save()
    follows[2].refresh_from_db()
    assert follows[2].target == "product=Guardian%3A+Two"
    # What no address can hold would make the search one for everything.
    product.name = "Guardian\tThree"
    product.save()
    follows[2].refresh_from_db()
    assert follows[2].target == "product=Guardian%3A+Two"


def test_of_two_called_alike_the_search_stays_with_the_other() -> None:
    one, _other = (TechnologyProduct.objects.create(name="Watcher") for _each in range(2))
    follow = followed(factories.user(), "product=Watcher")
    one.name = "Guardian"
    one.save()
    follow.refresh_from_db()
    assert follow.target == "product=Watcher"
