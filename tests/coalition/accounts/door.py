"""What somebody does at the door, step by step, as a browser would."""

import re
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from coalition.accounts.models import User
from coalition.mail.models import OutgoingMail
from tests.factories import PASSWORD

NEW = {"email": "new@example.org", "display_name": "Nightingale", "password1": "seven purple doors"}


def mails(address: str) -> list[OutgoingMail]:
    """Return what was written to an address, the oldest first."""
    return list(OutgoingMail.objects.filter(to=address).order_by("pk"))


def mailed_code(address: str) -> str:
    """Return the code in the newest mail to an address."""
    found = re.search(r"^ {4}(\S+)$", mails(address)[-1].text, re.MULTILINE)
    assert found is not None
    return found[1]


def sign_up(client: Client, **fields: str) -> Any:
    """Fill in the form of a new account."""
    return client.post("/account/signup/", {**NEW, **fields})


def sign_in(client: Client, email: str, password: str = PASSWORD, **fields: str) -> Any:
    """Fill in address and password."""
    return client.post("/account/login/", {"login": email, "password": password, **fields})


def reauthenticate(client: Client, password: str = PASSWORD, **fields: str) -> Any:
    """Say the password once more."""
    return client.post("/account/reauthenticate/", {"password": password, **fields})


def app_code(user: User, *, step: int = 0) -> str:
    """Return what somebody's authenticator app shows now, or so many half minutes from now."""
    lock = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    from coalition.accounts.sealing import unseal

    return code_of(unseal(lock.data["secret"]), step=step)


def code_of(secret: str, *, step: int = 0) -> str:
    """Return what an app with a secret shows."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2] + step))
