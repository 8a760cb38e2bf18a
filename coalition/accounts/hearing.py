"""What follows from what happens to an account: sessions begin and end."""

from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver
from django.http import HttpRequest

from coalition.accounts.languages import language_ask
from coalition.accounts.models import User
from coalition.accounts.own_data import deletion_prepare
from coalition.accounts.sessions import session_mark, sessions_end


@receiver(user_logged_in)
def session_begins(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Note when it began: from then on its limits count. Pages are in the account's language from then on as well."""
    session_mark(request.session, begins=True)
    language_ask(request, user.language)


@receiver(account_signals.password_changed)
@receiver(account_signals.password_set)
@receiver(account_signals.email_changed)
@receiver(mfa_signals.authenticator_removed)
@receiver(mfa_signals.authenticator_reset)
def other_sessions_end(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever else is signed in may be why this was done."""
    sessions_end(user=user, but=request.session.session_key)


@receiver(account_signals.password_reset)
def all_sessions_end(user: User, **kwargs: Any) -> None:
    """A forgotten password may be a stolen one."""
    sessions_end(user=user)


@receiver(post_save, sender=User)
def sessions_of_disabled_end(instance: User, **kwargs: Any) -> None:
    """Whoever may no longer sign in is signed out at once."""
    if not instance.is_active:
        sessions_end(user=instance)


@receiver(pre_delete, sender=User)
def deletion_is_prepared(instance: User, **kwargs: Any) -> None:
    """Through whichever door a user is deleted, what must be settled first is."""
    deletion_prepare(instance)
