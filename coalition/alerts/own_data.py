"""What following holds about somebody. Their follows go with their account."""

from coalition.accounts.models import User
from coalition.accounts.own_data import before_deletion, exports, sent_to
from coalition.alerts.models import Digest, Follow, Follower


@exports("follows")
def follows(user: User) -> dict[str, object]:
    """Return what a user follows, and when mails told of it."""
    follower = Follower.objects.filter(user=user).first()
    if follower is None:
        return {"follows": [], "digests": []}
    fields = ("kind", "target", "label", "rhythm", "channel", "is_paused", "created", "last_heard")
    return {
        "mail": follower.mail,
        "follows": list(Follow.objects.filter(follower=follower).order_by("created", "pk").values(*fields)),
        "digests": list(Digest.objects.filter(follower=follower).order_by("pk").values("rhythm", "period", "created")),
    }


@before_deletion
def what_an_address_asked_for_goes(user: User) -> None:
    """Delete what one of their addresses asked to follow and never confirmed: no cascade knows whose it is."""
    sent_to(Follower.objects.filter(user=None), field="own_email", user=user).delete()
