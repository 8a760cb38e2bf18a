"""Asking somebody by mail to belong to an organization. The link works once, for the address it was sent to."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.mail.writing import mail_send
from coalition.membership.members import membership_add
from coalition.membership.models import Invitation, Membership

LIFETIME = timedelta(days=14)
# Of one organization: more would be a mailing list.
MOST_OPEN = 100
State = Invitation.State


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invitation_send(*, organization: OrganizationPage, email: str, role: str, invited_by: User) -> Invitation:
    """Invite an address; an open invitation of it is replaced. Whether the address has an account changes nothing.

    Raises:
        ValidationError: too many invitations are open.
    """
    own = Invitation.objects.select_for_update().filter(organization=organization, state=State.OPEN)
    own.filter(email__iexact=email).update(state=State.REVOKED)
    if own.filter(expires__gt=timezone.now()).count() >= MOST_OPEN:
        raise ValidationError(
            _("%(count)s invitations are open. Wait until some are answered, or take some back.") % {"count": MOST_OPEN}
        )
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organization=organization,
        email=email,
        role=role,
        token_hash=_hash(token),
        invited_by=invited_by,
        expires=timezone.now() + LIFETIME,
    )
    mail_send(
        key=f"invitation:{invitation.public_id}",
        kind="invitation",
        to=email,
        context={
            "organization": organization.title,
            "role": invitation.get_role_display(),
            "who": invited_by.display_name,
            "link": f"{settings.PUBLIC_URL}{reverse('invitation', args=[token])}",
            "expires": invitation.expires,
        },
        # Nobody knows the language of an address; whoever invites writes to their own.
        language=get_language() or "",
    )
    return invitation


def invitation_of(token: str) -> Invitation | None:
    """Return the open invitation a link belongs to."""
    found = Invitation.objects.filter(token_hash=_hash(token)).select_related("organization", "invited_by").first()
    return found if found is not None and found.is_open else None


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether an invitation was sent to this person's address."""
    return invitation.email.lower() == user.email.lower()


@transaction.atomic
def invitation_accept(*, invitation: Invitation, user: User) -> Membership:
    """Belong to the organization from now on.

    Raises:
        ValidationError: it was sent to somebody else, was taken back, or has ended.
    """
    current = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not is_for(current, user):
        raise ValidationError(
            _("This invitation was sent to another address. Sign in with that address, or ask to be invited again.")
        )
    if not current.is_open:
        raise ValidationError(_("This invitation has ended. Ask for a new one."))
    current.state = State.ACCEPTED
    current.save(update_fields=["state"])
    return membership_add(organization=current.organization, user=user, role=current.role)


@transaction.atomic
def invitation_decline(*, invitation: Invitation) -> None:
    """Say no. Nobody is told."""
    Invitation.objects.filter(pk=invitation.pk, state=State.OPEN).update(state=State.DECLINED)


@transaction.atomic
def invitation_revoke(*, invitation: Invitation) -> bool:
    """Take an invitation back; return whether it was still open."""
    return bool(Invitation.objects.filter(pk=invitation.pk, state=State.OPEN).update(state=State.REVOKED))
