"""What of an organization waits for somebody, and where they go from their own page."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coalition.accounts.models import User
from coalition.accounts.needs import Need, needs_you
from coalition.accounts.permissions import may
from coalition.accounts.places import Place, places_for
from coalition.membership.applications import applications_for, asks_for
from coalition.membership.models import Application, Invitation
from coalition.membership.selectors import organizations_of

_ASKS = {
    Application.Kind.NEW: gettext_lazy("%(who)s brings in a new organization: %(organization)s."),
    Application.Kind.CLAIM: gettext_lazy("%(who)s wants to keep the page of %(organization)s."),
    Application.Kind.JOIN: gettext_lazy("%(who)s asks to belong to %(organization)s."),
}


@needs_you
def applications_wait(user: User) -> Iterable[Need]:
    """Return applications on which a user decides."""
    for application in applications_for(user):
        said = {"who": application.user, "organization": application.organization.title}
        yield Need(
            sentence=_ASKS[asks_for(application)] % said,
            url=reverse("application_decide", args=[application.public_id]),
            action=_("Decide"),
            since=application.created,
        )


@needs_you
def invitations_wait(user: User) -> Iterable[Need]:
    """Return invitations of a user's address. Their links are in the mails alone, so this only reminds."""
    own = Invitation.objects.filter(email__iexact=user.email, state=Invitation.State.OPEN)
    for invitation in own.select_related("organization"):
        if invitation.is_open:
            yield Need(
                sentence=_("%(organization)s invites you.") % {"organization": invitation.organization.title},
                url=reverse("invitation_mine", args=[invitation.public_id]),
                action=_("Answer"),
                since=invitation.created,
                until=invitation.expires,
            )


@places_for
def organizations(user: User) -> Iterable[Place]:
    """Return a user's organizations, and the way to one more."""
    for organization in organizations_of(user):
        yield Place(
            organization.title, reverse("organization_desk", args=[organization.public_id]), _("people, profile")
        )

    yield Place(_("Bring in an organization"), reverse("organization_new"), _("one that is not in the directory yet"))
    if may(user, "application.list"):
        yield Place(_("Requests"), reverse("applications"), _("everybody who asks, to answer several at once"))
    if may(user, "organizations.merge"):
        yield Place(_("Merge two organizations"), reverse("organizations_merge"), _("two entries that are one"))
