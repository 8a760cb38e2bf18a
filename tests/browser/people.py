"""What browser tests of signed-in people share: a set-up that the server sees, and that is gone afterwards."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.conf import settings
from django.core import mail as outbox
from django.core.cache import caches
from django.db import connection
from playwright.sync_api import Page as BrowserPage
from wagtail.models import Page

from cms.base.gathering import gathered
from cms.base.images import SiteImage
from cms.organizations.models import OrganizationPage
from cms.taxonomy.models import Concept
from cms.taxonomy.schemes import Scheme
from coalition.accounts.models import Session, User
from coalition.alerts.models import Follower, News
from coalition.mail.models import OutgoingMail
from coalition.mail.sending import mails_deliver
from coalition.membership.models import Application, Membership
from tests import factories

T = TypeVar("T")


def committed(do: Callable[..., T], *arguments: Any, **more: Any) -> T:
    """Do something in the database outside the test's transaction, so that the browser's server sees it."""

    def done() -> T:
        try:
            return do(*arguments, **more)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()


@contextmanager
def kept_clean() -> Iterator[None]:
    """Take away, at the end, every person, page and picture that was not there before. To be used unblocked."""
    pages, images = set(_pages()), set(SiteImage.objects.values_list("pk", flat=True))
    concepts = set(Concept.objects.values_list("pk", flat=True))
    yield
    new = Page.objects.exclude(pk__in=pages)
    # No news is of what was there before: the next test begins with none.
    for model in (Application, Membership, Follower, News, Session, OutgoingMail):
        model.objects.all().delete()
    with gathered():
        for page in new.order_by("-depth"):
            page.specific.delete()
    User.objects.all().delete()
    for image in SiteImage.objects.exclude(pk__in=images):
        image.delete()
    Concept.objects.exclude(pk__in=concepts).delete()
    caches["shared"].clear()


def _pages() -> Iterator[int]:
    return Page.objects.values_list("pk", flat=True).iterator()


def organization(title: str, industry: str, technology: str = "Badges that count steps") -> OrganizationPage:
    """Return a live organization that says what it is about."""
    with gathered():
        page = factories.organization(title, standfirst=f"{title} stand together.", contact="Call the hall")
        page.set_concepts(Scheme.INDUSTRY, [factories.concept(Scheme.INDUSTRY, industry)])
        page.set_concepts(Scheme.TECHNOLOGY, [factories.concept(Scheme.TECHNOLOGY, technology)])
        page.save()
    return page


def person(email: str, *of: tuple[OrganizationPage, str], **more: Any) -> User:
    """Return somebody with an account, who has roles in organizations."""
    user = factories.user(email, **more)
    for page, role in of:
        Membership.objects.create(organization=page, user=user, role=role)
    return user


def session_of(user: User) -> str:
    """Return the cookie of a new session: whoever has it has signed in."""
    return str(factories.client_of(user).cookies[settings.SESSION_COOKIE_NAME].value)


def mailed(address: str) -> list[str]:
    """Return the texts of the mails that went out to an address, oldest first; they are kept nowhere else."""
    committed(mails_deliver)
    return [str(mail.body) for mail in outbox.outbox if address in mail.to]


def mailed_code(address: str) -> str:
    """Return the code in the newest mail to an address."""
    found = re.search(r"^ {4}(\S+)$", mailed(address)[-1], re.MULTILINE)
    assert found is not None
    return found[1]


def enter(page: BrowserPage, session: str) -> None:
    """Be who the session is of, from the next page on; nobody for an empty one."""
    page.context.clear_cookies()
    if session:
        address = page.url.split("/", 3)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": f"{address[0]}//{address[2]}"}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
