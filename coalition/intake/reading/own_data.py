"""What moderating holds about a moderator. Charges go with the account; in the log the name stays for its time."""

from coalition.accounts.models import User
from coalition.accounts.own_data import before_deletion, exports
from coalition.intake.reading.models import Charge, Exemption, Note, Opening


@exports("moderating")
def moderating(user: User) -> dict[str, object]:
    """Return what a user has opened and why, by day; never which submission it was: that is not theirs to take."""
    openings = Opening.objects.filter(who=user).order_by("day", "what", "reason")
    return {
        "in_hand": Charge.objects.filter(moderator=user).count(),
        "handed_to_you": list(Opening.objects.filter(whom=user).order_by("day", "what").values("day", "what")),
        "holds_lifted_for_you": Exemption.objects.filter(moderator=user).count(),
        "notes": Note.objects.filter(moderator=user).count(),
        "openings": list(openings.values("day", "what", "reason")),
    }


@before_deletion
def sign_the_log(user: User) -> None:
    """Leave the name of whoever opened something in the log: nobody gets rid of it by leaving."""
    Opening.objects.filter(who=user).update(signed=user.display_name or user.email)
