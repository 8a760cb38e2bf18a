"""Whether somebody has a second lock beside the password: an authenticator app, or a passkey."""

from allauth.mfa.models import Authenticator

from coalition.accounts.models import User

# Recovery codes alone are a spare key, not a lock.
LOCKS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_lock(user: User, *, but: Authenticator | None = None) -> bool:
    """Whether somebody has a second lock, leaving one of them out."""
    found = Authenticator.objects.filter(user=user, type__in=LOCKS)
    return (found.exclude(pk=but.pk) if but else found).exists()
