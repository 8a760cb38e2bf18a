"""The first administrator: a one-time link instead of a default password.

The link holds a signed moment; it ends after a day, and at once when an administrator exists. Nothing is stored.
"""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import connection, transaction
from django.urls import reverse

from coalition.accounts.models import User

LIFETIME = timedelta(days=1)
_SALT = "coalition.accounts.setup"


def admin_exists() -> bool:
    """Whether somebody can already administer the site."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def setup_link(*, base_url: str) -> str | None:
    """Return the address at which the first administrator chooses a password, or None when there is one already.

    Args:
        base_url: scheme and host, without a path.
    """
    if admin_exists():
        return None
    token = signing.dumps("first-administrator", salt=_SALT)
    return base_url.rstrip("/") + reverse("accounts_setup", args=[token])


def token_is_good(token: str) -> bool:
    """Whether the token was made here within the last day and is still needed."""
    try:
        signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return False
    return not admin_exists()


@transaction.atomic
def administrator_create(*, token: str, email: str, display_name: str, password: str) -> User | None:
    """Create the first administrator, once, however many people open the link at the same time.

    Returns:
        The administrator, or None when the token no longer serves.
    """
    # Locks out a second opener of the same link until this transaction ends.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_SALT])
    if not token_is_good(token):
        return None
    user = User.objects.create_superuser(email, password, display_name=display_name)
    # Whoever holds the link has the machine: no code is sent to an address that no mail server serves yet.
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user
