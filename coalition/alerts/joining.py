"""Somebody who followed by mail gets an account: one person, one digest, and old links that go on working."""

from allauth.account.models import EmailAddress
from django.db import transaction

from coalition.accounts.models import User
from coalition.alerts.models import Digest, Entry, Follow, Follower, FormerFollower, follower_of


def member_with(email: str) -> User | None:
    """Return the member who has confirmed this address."""
    found = EmailAddress.objects.filter(email__iexact=email, verified=True, user__is_active=True)
    found = found.select_related("user")
    return next((address.user for address in found), None)


@transaction.atomic
def follower_join(*, follower: Follower, user: User) -> Follower:
    """Have a member follow what their address followed without an account; what both follow is followed once.

    Returns:
        The member as a follower.
    """
    theirs = follower_of(user)
    both = Follower.objects.select_for_update().filter(pk__in=[follower.pk, theirs.pk]).order_by("pk")
    rows = {row.pk: row for row in both}
    if follower.pk not in rows or follower.pk == theirs.pk or rows[follower.pk].user_id is not None:
        return theirs
    if not theirs.follows.exists() and rows[follower.pk].mail != Follower.Mail.ON:
        # Whoever stopped all mails did not mean to begin again.
        Follower.objects.filter(pk=theirs.pk).update(
            mail=rows[follower.pk].mail, mail_changed=rows[follower.pk].mail_changed
        )
    known = {(follow.kind, follow.target): follow for follow in theirs.follows.all()}
    for follow in follower.follows.order_by("pk"):
        other = known.get((follow.kind, follow.target))
        if other is None:
            Follow.objects.filter(pk=follow.pk).update(follower=theirs)
        else:
            _entries_join(follow, other)
            follow.delete()
    _digests_join(follower, theirs)
    FormerFollower.objects.filter(follower=follower).update(follower=theirs)
    FormerFollower.objects.create(public_id=follower.public_id, follower=theirs)
    follower.delete()
    return theirs


def _entries_join(follow: Follow, other: Follow) -> None:
    """Hand over what a follow brought; of what both brought, what was told in a mail stays told."""
    told = follow.entries.filter(digest__isnull=False, news__in=other.entries.values("news"))
    other.entries.filter(news__in=told.values("news"), digest=None).update(for_mail=False)
    follow.entries.exclude(news__in=other.entries.values("news")).update(follow=other)


def _digests_join(follower: Follower, theirs: Follower) -> None:
    """Hand over digests; of one period for which both got one, what it told stays told."""
    for digest in Digest.objects.filter(follower=follower):
        if theirs.digests.filter(rhythm=digest.rhythm, period=digest.period).exists():
            Entry.objects.filter(digest=digest).update(for_mail=False)
        else:
            Digest.objects.filter(pk=digest.pk).update(follower=theirs)
