"""Who somebody is: to the site as a whole, and to one thing on it.

What roles may do is in ``coalition.accounts.table``. Packages above know who belongs to an organization or to
whom a thing belongs; they register it here, and this module knows none of them by name.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet, TextChoices
from django.utils.translation import pgettext_lazy

from coalition.accounts.models import User

# Somebody who makes a request, signed in or not.
Actor = User | AnonymousUser

EDITORS = "Editors"
MODERATORS = "Moderators"


class Role(TextChoices):
    """What somebody is. The first two and the last three are of the site, the others are to one thing."""

    VISITOR = "visitor", pgettext_lazy("role", "visitor")
    MEMBER = "member", pgettext_lazy("role", "member")
    # It is about them, or it is theirs alone: a follow, an invitation, a membership.
    SELF = "self", pgettext_lazy("role", "whose it is")
    # They belong to the organization whose it is.
    AFFILIATE = "affiliate", pgettext_lazy("role", "the organization’s member")
    ORGANIZER = "organizer", pgettext_lazy("role", "organizer")
    OWNER = "owner", pgettext_lazy("role", "organization owner")
    EDITOR = "editor", pgettext_lazy("role", "editor")
    MODERATOR = "moderator", pgettext_lazy("role", "moderator")
    ADMIN = "admin", pgettext_lazy("role", "administrator")


# Whoever is the one is the other as well.
IMPLIED: dict[Role, frozenset[Role]] = {
    Role.OWNER: frozenset({Role.ORGANIZER, Role.AFFILIATE}),
    Role.ORGANIZER: frozenset({Role.AFFILIATE}),
    Role.ADMIN: frozenset({Role.EDITOR}),
}
# Who may harm many by losing a password: they sign in with a second factor.
NEEDS_SECOND_FACTOR = frozenset({Role.EDITOR, Role.MODERATOR, Role.ADMIN, Role.OWNER})

# Whoever has this right, from whichever group, enters the editors' admin.
ENTERS_ADMIN = "wagtailadmin.access_admin"

# Returns what somebody is to a thing; or, where the thing is None, to anything of its kind.
Standing = Callable[[User, Any], Iterable[Role]]

_standings: dict[type[Model], Standing] = {}
_anywhere: list[Callable[[User], Iterable[Role]]] = []


def standing_to(*models: type[Model]) -> Callable[[Standing], Standing]:
    """Register what somebody is to one thing of these kinds. Use as a decorator on ``(user, thing) -> roles``."""

    def register(function: Standing) -> Standing:
        for model in models:
            _standings[model] = function
        return function

    return register


def standing_anywhere(function: Callable[[User], Iterable[Role]]) -> Callable[[User], Iterable[Role]]:
    """Register what somebody is to anything at all (an organizer of whichever organization). Use as a decorator."""
    _anywhere.append(function)
    return function


def site_roles(user: Actor) -> frozenset[Role]:
    """Return what somebody is to the site as a whole. Asks the database once a user object."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset({Role.VISITOR})
    known: frozenset[Role] | None = getattr(user, "_site_roles", None)
    if known is None:
        groups = set(user.groups.values_list("name", flat=True))
        roles = {Role.VISITOR, Role.MEMBER}
        if user.is_superuser:
            roles.add(Role.ADMIN)
        if EDITORS in groups:
            roles.add(Role.EDITOR)
        if MODERATORS in groups:
            roles.add(Role.MODERATOR)
        known = user._site_roles = _with_implied(roles)  # type: ignore[attr-defined]
    return known


def roles_of(user: Actor, thing: Model | None = None) -> frozenset[Role]:
    """Return everything somebody is to a thing; without one, to the site and to any organization.

    Raises:
        LookupError: nobody has registered what one can be to such a thing.
    """
    roles = set(site_roles(user))
    if not isinstance(user, User) or not user.is_active:
        return frozenset(roles)
    if thing is None:
        for anywhere in _anywhere:
            roles.update(anywhere(user))
        return _with_implied(roles)
    standing = _standings.get(type(thing))
    if standing is None:
        raise LookupError(f"Nobody has registered a standing to {type(thing).__name__}.")
    roles.update(standing(user, thing))
    return _with_implied(roles)


def moderators() -> QuerySet[User]:
    """Return every moderator who can sign in."""
    return User.objects.filter(is_active=True, groups__name=MODERATORS).order_by("display_name", "pk").distinct()


def mfa_required(user: Actor) -> bool:
    """Whether somebody must sign in with a second factor: by a role, or because a group lets them into the admin."""
    return bool(NEEDS_SECOND_FACTOR & roles_of(user)) or user.has_perm(ENTERS_ADMIN)


def _with_implied(roles: set[Role]) -> frozenset[Role]:
    return frozenset(roles.union(*(IMPLIED.get(role, frozenset()) for role in roles)))
