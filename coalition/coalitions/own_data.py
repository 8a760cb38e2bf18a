"""What coalitions hold about somebody: what they proposed. It stays, without them, when their account goes."""

from typing import Any

from coalition.accounts.models import User
from coalition.accounts.own_data import exports
from coalition.coalitions.models import Affiliation


@exports("coalitions")
def coalitions(user: User) -> list[dict[str, Any]]:
    """Return which organization a user proposed for which coalition, and how it stands."""
    own = Affiliation.objects.filter(proposed_by=user).order_by("pk")
    return [dict(each) for each in own.values("member__title", "coalition__title", "state", "created")]
