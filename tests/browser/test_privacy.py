"""Promise 22: no third party hears of it."""

import pytest
from pytest_django import DjangoDbBlocker

from cms.stories.models import StoryPage
from coalition.accounts.models import User
from tests import factories
from tests.browser.conftest import OpenPage
from tests.browser.people import enter, kept_clean, session_of
from tests.browser.test_accessibility import PAGES

pytestmark = pytest.mark.browser


# Each opening of a page ends with that question (``open_page``): those here, and all that axe looks at.
@pytest.mark.promise("no-third-party")
def test_every_request_of_every_page_goes_to_the_site_itself(open_page: OpenPage) -> None:
    with open_page("/", scripts=True) as page:
        for path in [*PAGES.values(), "/privacy/", "/tell/", "/tell/all/", "/return/"]:
            page.goto(path, wait_until="load")
        page.wait_for_load_state("networkidle")


@pytest.mark.promise("no-third-party")
def test_the_editors_admin_asks_nobody_else_either(open_page: OpenPage, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), kept_clean():
        boss = factories.user("boss@example.org", superuser=True, display_name="Boss")
        story = StoryPage.objects.live().first()
        session = session_of(boss)
        with open_page("/", width=1280, scripts=True) as page:
            enter(page, session)
            for path in (
                "/admin/",
                "/admin/pages/",
                f"/admin/pages/{story.pk}/edit/",
                "/admin/images/",
                "/admin/account/",
            ):
                answer = page.goto(path, wait_until="load")
                assert answer is not None
                assert answer.status == 200, path
            page.wait_for_load_state("networkidle")
        User.objects.update(is_superuser=False)


def test_a_request_to_somebody_else_would_be_seen(open_page: OpenPage) -> None:
    opened = open_page("/", scripts=True)
    page = opened.__enter__()
    page.evaluate("location.href = 'http://192.0.2.1/pixel.png'")
    page.wait_for_timeout(300)
    with pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        opened.__exit__(None, None, None)
