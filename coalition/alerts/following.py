"""Following something, and no longer. Without an account a mail asks first, whoever's address it is."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cms.organizations.models import OrganizationPage
from coalition.accounts.models import User
from coalition.alerts.joining import follower_join, member_with
from coalition.alerts.models import Channel, Entry, Follow, Follower, Rhythm, follower_of
from coalition.alerts.targets import Target, query_target, target_query
from coalition.alerts.tokens import token_hash
from coalition.mail.writing import mail_send

LINK_LIFETIME = timedelta(days=3)
# Whoever stopped all mails and has no account is forgotten after so long; what was never confirmed as well.
FORGET_AFTER = timedelta(days=30)


@transaction.atomic
def follow_add(*, user: User, target: Target, rhythm: Rhythm, channel: Channel) -> Follow:
    """Have a member follow something; if they do already, how they hear of it changes."""
    follow, is_new = Follow.objects.get_or_create(
        follower=follower_of(user),
        kind=target.kind,
        target=target.target,
        defaults={"label": target.label, "rhythm": rhythm, "channel": channel, "confirmed": timezone.now()},
    )
    if not is_new:
        follow_change(follow=follow, rhythm=rhythm, channel=channel, is_paused=False)
    return follow


@transaction.atomic
def follow_ask(*, email: str, target: Target, rhythm: Rhythm, language: str, time_zone: str) -> Follow:
    """Ask an address by mail whether it wants to follow something. Until its yes nothing else is sent to it."""
    email = email.lower()
    follower, _is_new = Follower.objects.get_or_create(
        own_email=email, defaults={"own_language": language, "own_time_zone": time_zone}
    )
    follow, _is_new = Follow.objects.select_for_update().get_or_create(
        follower=follower,
        kind=target.kind,
        target=target.target,
        defaults={"label": target.label, "rhythm": rhythm},
    )
    token = secrets.token_urlsafe(32)
    follow.token_hash, follow.token_expires = token_hash(token), timezone.now() + LINK_LIFETIME
    if follow.confirmed is None:
        follow.rhythm = rhythm
    follow.save(update_fields=["token_hash", "token_expires", "rhythm"])
    mail_send(
        key=f"follow:{follow.public_id}:{follow.token_hash[:16]}",
        kind="follow",
        to=email,
        context={
            "label": follow.label,
            "rhythm": follow.rhythm,
            "expires": follow.token_expires,
            "link": settings.PUBLIC_URL + reverse("follow_confirm", args=[token]),
        },
        language=language,
    )
    return follow


def follow_of(token: str) -> Follow | None:
    """Return the follow that the link of a mail confirms; None when there is none, or the link is too old."""
    found = Follow.objects.filter(token_hash=token_hash(token), token_expires__gt=timezone.now())
    return found.select_related("follower", "follower__user").first()


@transaction.atomic
def follow_confirm(*, follow: Follow) -> Follow:
    """Begin to follow: whoever has the address has said yes. Twice is as once.

    Where the address is a member's, the member follows: one person gets one digest. Returns the follow that holds.
    """
    follow = Follow.objects.select_for_update().select_related("follower").get(pk=follow.pk)
    follower = follow.follower
    follow.confirmed = follow.confirmed or timezone.now()
    follow.is_paused = False
    follow.save(update_fields=["confirmed", "is_paused"])
    member = member_with(follower.own_email) if follower.own_email else None
    if member is not None:
        theirs = follower_of(member)
        known = theirs.follows.filter(kind=follow.kind, target=follow.target).first()
        follower = follower_join(follower=follower, user=member)
        if known is not None:
            follow_change(follow=known, rhythm=Rhythm(follow.rhythm), channel=Channel.MAIL, is_paused=False)
        follow = follower.follows.select_related("follower").get(kind=follow.kind, target=follow.target)
    _mail_again(follower)
    return follow


def _mail_again(follower: Follower) -> None:
    if follower.mail != Follower.Mail.ON:
        mail_resume(follower=follower)


@transaction.atomic
def follow_change(*, follow: Follow, rhythm: Rhythm, channel: Channel, is_paused: bool) -> None:
    """Change how somebody hears of something. What waits goes with the new rhythm, or, without mail, on no mail."""
    # A digest that is being made has the follower locked.
    follower = Follower.objects.select_for_update().get(pk=follow.follower_id)
    if follower.user_id is None:
        channel = Channel.MAIL
    follow.rhythm, follow.channel, follow.is_paused = rhythm, channel, is_paused
    follow.save(update_fields=["rhythm", "channel", "is_paused"])
    if is_paused or channel == Channel.SITE:
        Entry.objects.filter(follow=follow, for_mail=True, digest=None).update(for_mail=False)


@transaction.atomic
def follow_end(*, follow: Follow) -> None:
    """Follow something no longer. Of whoever has no account nothing is kept once they follow nothing."""
    follower = Follower.objects.select_for_update().get(pk=follow.follower_id)
    follow.delete()
    if follower.user_id is None and not follower.follows.exists():
        follower.delete()


@transaction.atomic
def follows_change(
    *,
    follows: Sequence[Follow],
    rhythm: Rhythm | None = None,
    channel: Channel | None = None,
    is_paused: bool | None = None,
) -> int:
    """Change how somebody hears of several things; what is not given stays as it is. Returns how many that were."""
    for follow in follows:
        follow_change(
            follow=follow,
            rhythm=rhythm or Rhythm(follow.rhythm),
            channel=channel or Channel(follow.channel),
            is_paused=follow.is_paused if is_paused is None else is_paused,
        )
    return len(follows)


@transaction.atomic
def follows_end(*, follows: Sequence[Follow]) -> int:
    """Follow several things no longer; return how many that were."""
    for follow in follows:
        follow_end(follow=follow)
    return len(follows)


@transaction.atomic
def mail_stop(*, follower: Follower, state: str = Follower.Mail.STOPPED) -> bool:
    """Send a follower no more mails; return whether that is new. What they follow stays, on the site."""
    changed = Follower.objects.filter(pk=follower.pk).exclude(mail=state)
    is_new = bool(changed.update(mail=state, mail_changed=timezone.now()))
    Entry.objects.filter(follow__follower=follower, for_mail=True, digest=None).update(for_mail=False)
    follower.mail = state
    return is_new


@transaction.atomic
def mail_resume(*, follower: Follower) -> None:
    """Send mails to a follower again, about what is new from now on."""
    Follower.objects.filter(pk=follower.pk).update(mail=Follower.Mail.ON, mail_changed=timezone.now())
    follower.mail = Follower.Mail.ON


@transaction.atomic
def follows_move(*, kind: str, old: str, new: str, label: str = "") -> int:
    """Have everybody who follows one thing follow another, once; return how many followed it."""
    follows = Follow.objects.filter(kind=kind, target=old)
    twice = Follow.objects.filter(kind=kind, target=new).values("follower")
    count = follows.filter(follower__in=twice).delete()[1].get("alerts.Follow", 0)
    return count + follows.update(target=new, **({"label": label} if label else {}))


@transaction.atomic
def organization_follows_move(*, kept: OrganizationPage, gone: OrganizationPage) -> None:
    """Have whoever follows an organization, or a search for it, follow the one that it was merged into."""
    follows_move(
        kind=Follow.Kind.ORGANIZATION, old=str(gone.public_id), new=str(kept.public_id), label=kept.title[:255]
    )
    value_follows_move(name="organization", old=gone.slug, new=kept.slug)


@transaction.atomic
def value_follows_move(*, name: str, old: str, new: str) -> int:
    """Put one facet value in place of another in every saved search; return how many searches that were."""
    count = 0
    saved = Follow.objects.filter(kind=Follow.Kind.SEARCH, target__contains=f"{name}=")
    for target in saved.values_list("target", flat=True).distinct().order_by("target"):
        query = target_query(target)
        if old not in query.facets.get(name, ()):
            continue
        moved = query_target(query.with_value(name, new).without_value(name, old))
        # What an address cannot hold would be left out of it, and the search would find everything.
        if new in target_query(moved).facets.get(name, ()):
            follows_move(kind=Follow.Kind.SEARCH, old=target, new=moved)
            count += 1
    return count


@transaction.atomic
def followers_forget() -> int:
    """Delete what was never confirmed, and whoever has no account and stopped all mails; return how many of both."""
    ago = timezone.now() - FORGET_AFTER
    unconfirmed = Follow.objects.filter(confirmed=None).filter(
        Q(token_expires__lt=timezone.now()) | Q(token_expires=None, created__lt=ago)
    )
    count = unconfirmed.delete()[1].get("alerts.Follow", 0)
    nobody = Follower.objects.filter(user=None).filter(
        Q(follows=None) | ~Q(mail=Follower.Mail.ON) & Q(mail_changed__lt=ago)
    )
    return count + Follower.objects.filter(pk__in=nobody.values("pk")).delete()[1].get("alerts.Follower", 0)


@transaction.atomic
def follower_set(*, follower: Follower, language: str, time_zone: str) -> None:
    """Change in which language and time zone mails come to somebody without an account."""
    follower.own_language, follower.own_time_zone = language, time_zone
    follower.save(update_fields=["own_language", "own_time_zone"])


@transaction.atomic
def follower_end(*, follower: Follower) -> None:
    """Forget somebody without an account, and all they follow.

    Raises:
        ValueError: they have an account, with which their follows go.
    """
    if follower.user_id is not None:
        raise ValueError("A member's follows end one by one, or with the account.")
    follower.delete()


@transaction.atomic
def news_seen(*, follower: Follower, until: datetime) -> None:
    """Note up to when somebody has read what is new; never further back than before, nor ahead of time."""
    until = min(until, timezone.now())
    follower.follows.filter(seen_until__lt=until).update(seen_until=until)
