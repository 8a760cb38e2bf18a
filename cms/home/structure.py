"""The pages every site has: the front page and one list a kind of content."""

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from cms.archives.models import ArchiveIndexPage
from cms.base.models import BasePage
from cms.campaigns.models import CampaignIndexPage
from cms.home.models import HomePage
from cms.organizations.models import OrganizationIndexPage
from cms.resources.models import ResourceIndexPage
from cms.stories.models import StoryIndexPage


def index_pages() -> list[tuple[str, type[BasePage], str]]:
    """Return address, page type and title of each list, in the order of the menu."""
    return [
        ("stories", StoryIndexPage, _("Stories")),
        ("campaigns", CampaignIndexPage, _("Campaigns")),
        ("organizations", OrganizationIndexPage, _("Organizations")),
        ("resources", ResourceIndexPage, _("Resources")),
        ("archives", ArchiveIndexPage, _("Conferences")),
    ]


@transaction.atomic
def site_structure_create(*, hostname: str = "localhost", port: int = 80) -> HomePage:
    """Create the front page and the lists, where they are missing, and point the default site at the front page.

    Returns:
        The front page.
    """
    home = HomePage.objects.first()
    if home is None:
        root = Page.get_first_root_node()
        # Wagtail's first migration leaves a welcome page at the address that ours takes.
        Page.objects.filter(depth=2, slug="home", content_type__model="page").exclude(
            sites_rooted_here__isnull=False, numchild__gt=0
        ).update(slug="welcome-to-wagtail")
        root = Page.objects.get(pk=root.pk)
        home = HomePage(
            title=_("Coalition"),
            slug="home",
            claim=_("Technology at work, told by the people it is used on."),
            show_in_menus=False,
        )
        root.add_child(instance=home)
        home.save_revision().publish()
        site = Site.objects.filter(is_default_site=True).first() or Site(hostname=hostname, port=port)
        site.root_page, site.is_default_site, site.site_name = home, True, home.title
        site.save()
        for page in Page.objects.filter(depth=2, slug="welcome-to-wagtail"):
            page.delete()
        home = HomePage.objects.get(pk=home.pk)
    for slug, model, title in index_pages():
        if not model.objects.exists():
            page = model(title=title, slug=slug, show_in_menus=True)
            home.add_child(instance=page)
            page.save_revision().publish()
            home = HomePage.objects.get(pk=home.pk)
    return home
