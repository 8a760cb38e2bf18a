"""Makes pages and concepts for tests; every argument that does not matter has a default."""

from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.test import Client

from cms.campaigns.models import CampaignIndexPage, CampaignPage, CampaignUpdatePage
from cms.home.structure import site_structure_create
from cms.organizations.models import OrganizationIndexPage, OrganizationPage
from cms.resources.models import ResourceIndexPage, ResourcePage
from cms.stories.models import StoryIndexPage, StoryPage
from cms.taxonomy.models import PROXIES, Concept
from cms.taxonomy.schemes import Scheme
from coalition.accounts.models import User

_numbers = count(1)
PASSWORD = "correct horse battery"


def user(
    email: str | None = None,
    *,
    password: str | None = PASSWORD,
    groups: tuple[str, ...] = (),
    superuser: bool = False,
    second_lock: bool | None = None,
    verified: bool = True,
    **fields: Any,
) -> User:
    """Return somebody who can sign in; who has a group or administers has a second lock, unless told otherwise."""
    create = User.objects.create_superuser if superuser else User.objects.create_user
    email = email or f"person-{next(_numbers)}@example.org"
    made = create(email, password, **{"display_name": email.partition("@")[0], **fields})
    EmailAddress.objects.create(user=made, email=made.email, primary=True, verified=verified)
    for name in groups:
        made.groups.add(Group.objects.get_or_create(name=name)[0])
    if second_lock if second_lock is not None else bool(superuser or groups):
        TOTP.activate(made, generate_totp_secret())
    return made


def client_of(who: User) -> Client:
    """Return the browser of somebody who has signed in."""
    client = Client()
    client.force_login(who)
    return client


def concept(scheme: Scheme, label: str, *, broader: Concept | None = None, notation: str = "") -> Any:
    """Return the concept of a scheme with a label, making it if need be."""
    model = PROXIES[scheme]
    found = model.objects.filter(pref_label=label).first()
    if found is None:
        found = model(pref_label=label, broader=broader, notation=notation)
        found.save()
    return found


def _tagged(page: Any, industries: list[Any] | None, technologies: list[Any] | None, harms: list[Any] | None) -> None:
    page.set_concepts(Scheme.INDUSTRY, industries or [concept(Scheme.INDUSTRY, "Test industry", notation="999")])
    page.set_concepts(Scheme.TECHNOLOGY, technologies or [concept(Scheme.TECHNOLOGY, "Test technology")])
    page.set_concepts(Scheme.HARM, harms or [])


def tag(page: Any) -> None:
    """Tag a page that is made elsewhere with what every page needs to be published."""
    _tagged(page, None, None, None)


def _added(page: Any, index: Any, *, live: bool) -> Any:
    site_structure_create()
    parent = index.objects.get()
    page.live = live
    parent.add_child(instance=page)
    return page


def story(
    title: str | None = None,
    *,
    standfirst: str = "",
    text: str = "",
    industries: list[Any] | None = None,
    technologies: list[Any] | None = None,
    harms: list[Any] | None = None,
    live: bool = True,
    **fields: Any,
) -> StoryPage:
    """Return a stored story."""
    number = next(_numbers)
    page = StoryPage(
        title=title or f"Story {number}",
        slug=f"story-{number}",
        standfirst=standfirst,
        stage=fields.pop("stage", "in-use"),
        standing=fields.pop("standing", "worker"),
        **fields,
    )
    if text:
        page.body = [("paragraph", _rich(text))]
    _tagged(page, industries, technologies, harms)
    return _added(page, StoryIndexPage, live=live)


def _rich(text: str) -> Any:
    from wagtail.rich_text import RichText

    return RichText(f"<p>{text}</p>")


def campaign(title: str | None = None, *, live: bool = True, **fields: Any) -> CampaignPage:
    """Return a stored campaign."""
    number = next(_numbers)
    page = CampaignPage(title=title or f"Campaign {number}", slug=f"campaign-{number}", **fields)
    _tagged(page, None, None, None)
    return _added(page, CampaignIndexPage, live=live)


def update(
    parent: CampaignPage, title: str | None = None, *, text: str = "News.", live: bool = True
) -> CampaignUpdatePage:
    """Return a stored update of a campaign."""
    number = next(_numbers)
    page = CampaignUpdatePage(title=title or f"Update {number}", slug=f"update-{number}", live=live)
    page.text = [("paragraph", _rich(text))]
    parent.add_child(instance=page)
    return page


def organization(title: str | None = None, *, live: bool = True, **fields: Any) -> OrganizationPage:
    """Return a stored organization."""
    number = next(_numbers)
    page = OrganizationPage(
        title=title or f"Organization {number}",
        slug=f"organization-{number}",
        kind=fields.pop("kind", "union"),
        **fields,
    )
    _tagged(page, None, None, None)
    return _added(page, OrganizationIndexPage, live=live)


def resource(title: str | None = None, *, live: bool = True, **fields: Any) -> ResourcePage:
    """Return a stored resource."""
    number = next(_numbers)
    page = ResourcePage(
        title=title or f"Resource {number}", slug=f"resource-{number}", kind=fields.pop("kind", "agreement"), **fields
    )
    _tagged(page, None, None, None)
    return _added(page, ResourceIndexPage, live=live)
