"""The member's and the organizer's main ways, on a phone, with scripts off."""

import re

import pytest
from playwright.sync_api import expect
from pytest_django import DjangoDbBlocker

from search.models import Doubt
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


def test_a_member_finds_what_happens_elsewhere_and_why_it_is_the_same(open_page: OpenPage) -> None:
    with open_page("/") as page:
        page.locator("main input[name=q], header input[name=q]").first.fill("traking hospital")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search/?*")
        expect(page.locator("main")).to_contain_text("tracking")
        page.get_by_role("link", name=re.compile("hospital staff work with")).first.click()
        expect(page.locator("h1")).to_contain_text("The equipment that hospital staff work with")
        page.get_by_role("link", name=re.compile("^Warehouse workers are tracked")).first.click()
        page.wait_for_url("**/stories/warehouse-workers-tracked-through-equipment/")
        expect(page.locator("main")).to_contain_text("Both: tracking through equipment and data used for discipline.")


def test_a_member_describes_what_happens_and_reads_five_stories(open_page: OpenPage) -> None:
    with open_page("/") as page:
        page.get_by_role("link", name=re.compile("Describe what is happening")).first.click()
        page.fill(
            "textarea",
            "The hospital gave us badges that follow us through the building. "
            "Last week two of us were disciplined because of where the badge said we had been.",
        )
        page.click("main button[type=submit]")
        expect(page.locator("main")).to_contain_text("Warehouse workers are tracked through the equipment they use")
        assert "?" not in page.url
        assert page.locator("main a[href^='/stories/']").count() >= 5


def test_a_facet_narrows_and_its_chip_takes_it_back(open_page: OpenPage) -> None:
    with open_page("/stories/", width=1280) as page:
        before = page.locator("main article").count()
        page.get_by_role("link", name=re.compile("Hospitals")).first.click()
        page.wait_for_url("**industry=hospitals*")
        expect(page.locator("main article")).to_have_count(1)
        page.locator("a[href='/stories/']", has_text="Hospitals").first.click()
        expect(page.locator("main article")).to_have_count(before)


def test_an_organizer_finds_what_was_won_who_won_it_and_who_shares_the_fight(open_page: OpenPage) -> None:
    with open_page("/search/?outcome=won") as page:
        page.get_by_role("link", name=re.compile("Writers win guardrails")).first.click()
        page.wait_for_url("**/campaigns/**")
        expect(page.locator("main")).to_contain_text("Won")
        page.get_by_role("link", name=re.compile("^Writers Guild of America")).first.click()
        expect(page.locator("h1")).to_have_text("Writers Guild of America")
        expect(page.locator("main")).to_contain_text("Both")


def test_the_language_is_chosen_without_scripts(open_page: OpenPage) -> None:
    with open_page("/stories/") as page:
        page.get_by_role("button", name="Español").first.click()
        expect(page.locator("html")).to_have_attribute("lang", "es")
        assert page.url.endswith("/stories/")


def test_a_reader_says_that_two_are_not_alike(open_page: OpenPage, django_db_blocker: DjangoDbBlocker) -> None:
    try:
        with open_page("/stories/warehouse-workers-tracked-through-equipment/", width=320) as page:
            page.get_by_role("link", name=re.compile("^Not alike")).first.click()
            expect(page.locator("h1")).to_contain_text("Are these two not alike?")
            page.get_by_role("button", name="No, they are not alike").click()
            page.wait_for_url("**/stories/warehouse-workers-tracked-through-equipment/#said")
            expect(page.get_by_role("status")).to_contain_text("Thank you.")
            expect(page.get_by_role("status")).to_be_in_viewport()
    finally:
        # The server has committed it; tests after this one see a site where nobody has said anything.
        with django_db_blocker.unblock():
            Doubt.objects.all().delete()
