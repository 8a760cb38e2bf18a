"""An organization's profile as its own people write it: a new one waits for an editor, a change is public at once."""

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.organizations.models import OrganizationIndexPage, OrganizationPage
from coalition.accounts.models import User


def slug_free(title: str) -> str:
    """Return an address for a new organization that no other has."""
    index = OrganizationIndexPage.objects.first()
    taken = set(Page.objects.child_of(index).values_list("slug", flat=True)) if index else set()
    base = slugify(title)[:80] or slugify(_("organization"))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


@transaction.atomic
def profile_change(*, organization: OrganizationPage, user: User) -> OrganizationPage:
    """Store and publish what was changed in a profile; a draft stays one.

    Args:
        organization: with the changes in memory.
        user: who made them; the history says so.

    Raises:
        PublicationRefusedError: the profile lacks what every public page needs.
    """
    # Whoever edits at the same moment in the admin takes turns.
    OrganizationPage.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    revision = organization.save_revision(user=user)
    if organization.live:
        # The table of permissions was asked; owners have no rights in the admin that Wagtail could ask for.
        revision.publish(user=user, skip_permission_checks=True)
    return organization
