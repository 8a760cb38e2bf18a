"""Whose a follow is, and in which state, told to the table of permissions."""

from collections.abc import Iterable

from coalition.accounts.models import User
from coalition.accounts.permissions import state_of
from coalition.accounts.roles import Role, standing_to
from coalition.alerts.models import Follow


@standing_to(Follow)
def to_follow(user: User, follow: Follow) -> Iterable[Role]:
    """Return that it is somebody's own, or nothing."""
    return {Role.SELF} if follow.follower.user_id == user.pk else set()


@state_of(Follow)
def follow_state(follow: Follow) -> str:
    """Return whether it is asked for, runs, or rests."""
    if follow.confirmed is None:
        return "asked"
    return "paused" if follow.is_paused else "active"
