"""What membership holds about somebody, and why an account may not be deleted yet."""

from typing import Any

from django.db.models import QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from coalition.accounts.models import User
from coalition.accounts.own_data import DeletionRefusedError, before_deletion, exports, sent_to
from coalition.membership.members import leaving_locked, stays_for
from coalition.membership.models import Application, Invitation, Membership


@exports("organizations")
def organizations(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return where a user belongs, what they asked for and decided, whom they invited, and who invited them."""
    return {
        "memberships": [
            {"organization": each.organization.title, "role": each.role, "since": each.since}
            for each in Membership.objects.filter(user=user).select_related("organization").order_by("pk")
        ],
        "applications": [
            {
                "organization": each.organization.title,
                "asks for": each.kind,
                "note": each.note,
                "state": each.state,
                "answer": each.answer,
                "asked": each.created,
            }
            for each in Application.objects.filter(user=user).select_related("organization").order_by("pk")
        ],
        "applications decided": [
            dict(each)
            for each in Application.objects.filter(decided_by=user)
            .order_by("pk")
            .values("kind", "state", "answer", "decided")
        ],
        "invitations sent": [
            {"organization": each.organization.title, "to": each.email, "role": each.role, "sent": each.created}
            for each in Invitation.objects.filter(invited_by=user).select_related("organization").order_by("pk")
        ],
        "invitations received": [
            {"organization": each.organization.title, "role": each.role, "state": each.state, "sent": each.created}
            for each in _received(user).select_related("organization").order_by("pk")
        ],
    }


@before_deletion
def owner_hands_over(user: User) -> None:
    """Refuse while somebody is the only owner of an organization with other people in it."""
    leaving_locked(user)
    kept = stays_for(user)
    if kept:
        names = get_text_list([organization.title for organization in kept], _("and"))
        raise DeletionRefusedError(
            _("You are the only owner of %(names)s. Make somebody else an owner there first.") % {"names": names}
        )


@before_deletion
def invitations_go(user: User) -> None:
    """Delete invitations of the person's addresses: nothing else refers to them, so no cascade would."""
    _received(user).delete()


def _received(user: User) -> QuerySet[Invitation]:
    return sent_to(Invitation.objects.all(), field="email", user=user)
