"""An organization's profile as its own people write it: a new one waits for an editor, a change is public at once."""

from django.core.exceptions import ValidationError
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


class ProfileChangedError(ValidationError):
    """Somebody else has saved the profile since its form was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else has changed the profile meanwhile. What you wrote stands below; look at the page, "
                "put together what belongs together, and save again."
            )
        )


def version_of(organization: OrganizationPage) -> str:
    """Return what a form carries of the profile it was opened with."""
    return str(organization.latest_revision_id or "")


def profile_refusal(organization: OrganizationPage, user: User) -> str:
    """Return why somebody may not change a profile just now, for the sake of what an editor does to it; else nothing.

    Publishing a change would publish the editor's draft with it, or take it off its schedule, or out of its review.
    """
    if organization.locked and organization.locked_by_id != user.pk:
        return _("An editor has locked this page. Ask the editors of this site.")
    if organization.workflow_in_progress:
        return _("A change of this page is being read before it is published. Ask the editors of this site.")
    latest = organization.get_latest_revision() if organization.live and organization.has_unpublished_changes else None
    if latest is not None and latest.user_id != user.pk:
        return _("An editor is changing this page and has not published it yet. Ask the editors of this site.")
    return ""


@transaction.atomic
def profile_change(*, organization: OrganizationPage, user: User, version: str) -> OrganizationPage:
    """Store and publish what was changed in a profile; a draft stays one.

    Args:
        organization: with the changes in memory.
        user: who made them; the history says so.
        version: of the profile when its form was opened.

    Raises:
        ValidationError: an editor is at work on the page.
        ProfileChangedError: the profile says something else by now.
        PublicationRefusedError: the profile lacks what every public page needs.
    """
    # Whoever edits at the same moment, here or in the admin, takes turns. Who comes second reads once more: the row
    # that was waited for is new, those joined to it are as they were before.
    OrganizationPage.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    stored = OrganizationPage.objects.get(pk=organization.pk)
    refusal = profile_refusal(stored, user)
    if refusal:
        raise ValidationError(refusal)
    if version_of(stored) != version:
        raise ProfileChangedError
    revision = organization.save_revision(user=user)
    if organization.live:
        # The table of permissions was asked; owners have no rights in the admin that Wagtail could ask for.
        revision.publish(user=user, skip_permission_checks=True)
    return organization
