"""Links that stand for a person without an account, or for their yes."""

import hashlib
import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse

from coalition.alerts.models import Follower

_SALT = "coalition.alerts.follower"


def token_hash(token: str) -> str:
    """Return what is stored of a token: whoever reads the database cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def follower_token(follower: Follower) -> str:
    """Return what stands for a follower in the links of their mails. It does not end: they must work for years."""
    return signing.Signer(salt=_SALT).sign(follower.public_id.hex)


def follower_from(token: str) -> Follower | None:
    """Return whose token it is; None for none that we gave out, or of somebody who is gone."""
    try:
        public_id = uuid.UUID(signing.Signer(salt=_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    followers = Follower.objects.select_related("user")
    return followers.filter(public_id=public_id).first() or followers.filter(former__public_id=public_id).first()


def manage_url(follower: Follower) -> str:
    """Return the whole address of the page on which a follower changes what they follow."""
    if follower.user_id is not None:
        return settings.PUBLIC_URL + reverse("follow_mine")
    return settings.PUBLIC_URL + reverse("follow_manage", args=[follower_token(follower)])


def unsubscribe_url(follower: Follower) -> str:
    """Return the whole address that ends all mails to a follower."""
    return settings.PUBLIC_URL + reverse("follow_unsubscribe", args=[follower_token(follower)])
