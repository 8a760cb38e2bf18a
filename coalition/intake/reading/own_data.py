"""What moderating holds about a moderator. Charges go with the account; the log keeps what was done, without whom."""

from coalition.accounts.models import User
from coalition.accounts.own_data import exports
from coalition.intake.reading.models import Charge, Opening


@exports("moderating")
def moderating(user: User) -> dict[str, object]:
    """Return what a user has opened and why, by day; never which submission it was: that is not theirs to take."""
    openings = Opening.objects.filter(who=user).order_by("day", "what", "reason")
    return {
        "in_hand": Charge.objects.filter(moderator=user).count(),
        "openings": list(openings.values("day", "what", "reason")),
    }
