"""What following holds about somebody. Their follows go with their account."""

from django.db.models.functions import Lower

from coalition.accounts.models import User
from coalition.accounts.own_data import addresses_of, before_deletion, exports
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
    followers = Follower.objects.filter(user=None).annotate(written=Lower("own_email"))
    followers.filter(written__in=addresses_of(user)).delete()
