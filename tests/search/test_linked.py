"""What a page shows of what it is linked to: other industries, and its own where one asks for it."""

import re

import pytest
from django.test import Client

from cms.stories.models import StoryPage
from cms.taxonomy.models import Harm, TechnologyType
from cms.taxonomy.schemes import Scheme
from search.matching.judging import judgement_record
from search.matching.links import outbox_drain
from search.models import Document, Judgement
from tests import factories

pytestmark = pytest.mark.usefixtures("site")

STORY = "/stories/warehouse-workers-tracked-through-equipment/"
ELSEWHERE = "/stories/hospital-staff-tracked-through-equipment/"


@pytest.fixture
def beside() -> StoryPage:
    """A story of the same industry that tells the same."""
    page = factories.story(
        "Pickers are tracked through their scanners",
        standfirst="The equipment that pickers carry tracks them, and the data is used to discipline them.",
        technologies=[TechnologyType.objects.get(slug="equipment-tracking")],
        harms=[Harm.objects.get(slug="data-used-for-discipline")],
        industries=StoryPage.objects.get(slug=STORY.split("/")[-2]).concepts(Scheme.INDUSTRY),
    )
    outbox_drain()
    return page


def seen(visitor: Client, address: str) -> tuple[list[str], str]:
    """Return the stories that are shown as the same struggle, and the section's own words."""
    section = re.search(
        r'<section aria-labelledby="same">(.*?)</section>', visitor.get(address).content.decode(), re.DOTALL
    )
    assert section is not None
    return re.findall(r'<a href="(/stories/[^"]+)"', section[1]), " ".join(section[1].split())


def test_a_page_shows_other_industries_and_offers_its_own(visitor: Client, beside: StoryPage) -> None:
    urls, section = seen(visitor, STORY)
    assert urls[0] == ELSEWHERE
    assert beside.get_url() not in urls
    assert "The same struggle in other industries" in section
    assert 'href="?own=1#same" rel="nofollow"' in section


def test_whoever_asks_sees_its_own_industry_too(visitor: Client, beside: StoryPage) -> None:
    urls, section = seen(visitor, f"{STORY}?own=1")
    assert beside.get_url() in urls[:2]
    assert ELSEWHERE in urls
    assert STORY not in urls
    assert "The same struggle in any industry" in section
    assert f'href="{STORY}#same"' in section
    # It is no stored link that a reader could doubt.
    assert "Not alike?" not in section
    assert "Both: tracking through equipment and data used for discipline." in section


def test_editors_are_heard_there_as_well(visitor: Client, beside: StoryPage) -> None:
    one, other = Document.objects.get(url=STORY), Document.objects.get(public_id=beside.public_id)
    judgement_record(one=one, other=other, verdict=Judgement.Verdict.DISMISSED, reason="The same firm.", user=None)
    assert beside.get_url() not in seen(visitor, f"{STORY}?own=1")[0]


def test_of_a_resource_nothing_is_held_back_and_nothing_is_offered(visitor: Client) -> None:
    resource = Document.objects.filter(kind="resource", links__target__kind="story").first()
    assert resource is not None
    for address in (resource.url, f"{resource.url}?own=1"):
        assert "own=1" not in seen(visitor, address)[1]


def test_of_an_update_there_is_nothing_and_its_page_is_there(visitor: Client) -> None:
    campaign = factories.campaign("Scanners off")
    update = factories.update(campaign, "We have a date")
    for address in (update.get_url(), f"{update.get_url()}?own=1"):
        response = visitor.get(address)
        assert response.status_code == 200
        assert 'href="?own=1' not in response.content.decode()


@pytest.mark.parametrize("address", ["/stories/warehouse-workers-tracked-through-equipment/", "/match/"])
def test_the_head_leads_to_each_part_of_what_was_found_and_counts_it(visitor: Client, address: str) -> None:
    if address == "/match/":
        text = "A scanner tracks every step at our warehouse, and the data is used to write us up."
        html = visitor.post(address, {"text": text, "language": "en"}).content.decode()
    else:
        html = visitor.get(address).content.decode()
    head = html.split('class="found-here"')[1].split("</nav>")[0]
    led_to = dict(re.findall(r'<a href="#(\w+)">[^<]+</a> (\d+)', head))
    assert len(led_to) >= 3
    for anchor, count in led_to.items():
        section = html.split(f'aria-labelledby="{anchor}"')[1].split("</section>")[0]
        assert f'id="{anchor}"' in section
        assert section.count("<article") == int(count)
    # All parts there are.
    assert html.count('<section class="answers"') == len(led_to) - 1


def test_where_only_stories_are_found_no_head_leads_anywhere(visitor: Client) -> None:
    Document.objects.exclude(kind="story").delete()
    assert (
        'class="found-here"'
        not in visitor.get("/stories/warehouse-workers-tracked-through-equipment/").content.decode()
    )
