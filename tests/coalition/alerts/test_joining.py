"""Who followed by mail and gets an account: one follower, one digest, and old links that work."""

import pytest
from allauth.account.models import EmailAddress
from django.http import QueryDict
from django.test import Client

from coalition.alerts.following import follow_ask, follow_confirm
from coalition.alerts.matching import news_match_all
from coalition.alerts.models import Follow, Follower, Rhythm
from coalition.alerts.targets import target_from
from coalition.alerts.tokens import follower_from, follower_token, unsubscribe_url
from coalition.mail.sending import mails_deliver
from tests import factories
from tests.coalition.alerts.readers import all_heard, followed, told

pytestmark = pytest.mark.django_db
RUTH = "ruth@example.org"


def by_mail(address: str, *, rhythm: Rhythm = Rhythm.AT_ONCE) -> Follow:
    target = target_from(QueryDict(address))
    assert target is not None
    follow = follow_ask(email=RUTH, target=target, rhythm=rhythm, language="en", time_zone="UTC")
    mails_deliver()
    return follow_confirm(follow=follow)


def confirmed(user: object) -> None:
    address = EmailAddress.objects.get(user=user)
    address.verified = True
    address.save()


def test_what_an_address_followed_the_account_follows_once_it_is_confirmed() -> None:
    by_mail("type=story")
    follower = Follower.objects.get()
    stop = unsubscribe_url(follower).partition("8000")[2]
    user = factories.user(RUTH, verified=False)
    # Anybody can write down an address that is not theirs.
    assert follower_from(follower_token(follower)) == follower
    assert Follow.objects.get().follower.user is None
    confirmed(user)
    assert Follow.objects.get().follower.user == user
    assert "Story" in factories.client_of(user).get("/follow/mine/").content.decode()
    assert not Follower.objects.filter(own_email=RUTH).exists()
    assert Client().post(stop).status_code == 200
    assert Follower.objects.get(user=user).mail == Follower.Mail.STOPPED


def test_what_both_follow_is_followed_once_and_told_once() -> None:
    by_mail("type=story")
    user = factories.user(RUTH, verified=False)
    own = followed(user, "type=story", rhythm=Rhythm.AT_ONCE)
    other = by_mail("type=campaign")
    all_heard()
    factories.story("Told twice so far")
    assert len(told()) == 2
    confirmed(user)
    assert set(Follow.objects.values_list("pk", "follower__user")) == {(own.pk, user.pk), (other.pk, user.pk)}
    assert told() == []
    factories.story("Told once from now on")
    factories.campaign("A campaign")
    (mail,) = told()
    assert mail.to == [RUTH]
    assert "Told twice so far" not in mail.body


def test_what_waits_goes_along() -> None:
    by_mail("type=story")
    all_heard()
    factories.story("It waits")
    news_match_all()
    user = factories.user(RUTH, verified=False)
    confirmed(user)
    (mail,) = told()
    assert mail.subject == "It waits"


def test_whoever_stopped_all_mails_stays_without() -> None:
    follow = by_mail("type=story")
    Follower.objects.filter(pk=follow.follower_id).update(mail=Follower.Mail.STOPPED)
    user = factories.user(RUTH, verified=False)
    confirmed(user)
    assert Follower.objects.get(user=user).mail == Follower.Mail.STOPPED
