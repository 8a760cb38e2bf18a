"""Run by itself with the settings of a provider: the whole way through another organization's door.

It makes the tables it needs in the test database inside one transaction, which it takes back.
"""

import json
import os
import sys
import urllib.request
from typing import Any
from urllib.error import HTTPError

import django

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from allauth.socialaccount.models import SocialAccount  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from coalition.accounts.models import User  # noqa: E402
from coalition.accounts.roles import EDITORS  # noqa: E402
from tests import factories  # noqa: E402
from tests.coalition.accounts.oidc_provider import Provider  # noqa: E402


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


def through(client: Client, provider: Provider, process: str = "login", **claims: Any) -> str:
    """Go to the provider, who says these claims, and back; return where one is led."""
    provider.claims = claims
    response = client.post(f"/account/oidc/oidc/login/?process={process}")
    if response.status_code != 302 or not response["Location"].startswith(provider.url):
        return str(response.get("Location", response.status_code))
    try:
        urllib.request.build_opener(_Stay).open(response["Location"])
    except HTTPError as found:
        back = found.headers["Location"]
    path = "/" + back.split("/", 3)[3]
    response = client.get(path)
    return str(response.get("Location", response.status_code))


def who(client: Client) -> str:
    """Return who has signed in there."""
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else ""


def walk(provider: Provider) -> dict[str, object]:
    """Go every way; return what came of each."""
    told: dict[str, object] = {}
    new = {"sub": "1", "email": "rosa@union.example", "email_verified": True, "name": "Rosa"}
    client = Client()
    through(client, provider, **new)
    told["a new account"] = [who(client), User.objects.get(email=new["email"]).display_name]
    told["its address"] = EmailAddress.objects.get(email=new["email"]).verified
    told["asked"] = sorted(set(provider.asked))
    again = Client()
    through(again, provider, **{**new, "name": "Somebody else"})
    told["the same again"] = [who(again), SocialAccount.objects.count(), again.session.get("_auth_user_id") != None]  # noqa: E711
    known = factories.user("ada@union.example")
    for number, verified in (("2", False), ("3", True)):
        thief = Client()
        through(thief, provider, sub=number, email=known.email, email_verified=verified)
        told[f"an address of another account, verified {verified}"] = who(thief)
    told["accounts of hers"] = SocialAccount.objects.filter(user=known).count()
    mine = Client()
    mine.post("/account/login/", {"login": known.email, "password": factories.PASSWORD})
    told["linking asks for the password"] = through(
        mine, provider, "connect", sub="4", email="ada@elsewhere.example", email_verified=True
    )
    mine.post("/account/reauthenticate/", {"password": factories.PASSWORD})
    through(mine, provider, "connect", sub="4", email="ada@elsewhere.example", email_verified=True)
    told["linked"] = SocialAccount.objects.filter(user=known).count()
    linked = Client()
    through(linked, provider, sub="4", email="ada@elsewhere.example", email_verified=True)
    told["signed in with the link"] = who(linked)
    edith = factories.user("edith@union.example", groups=(EDITORS,), second_lock=False)
    SocialAccount.objects.create(user=edith, provider="oidc", uid="5")
    door = Client()
    through(door, provider, sub="5", email=edith.email, email_verified=True)
    told["an editor without a second lock"] = [who(door), door.get("/admin/")["Location"]]
    locked = factories.user("lea@union.example", groups=(EDITORS,))
    SocialAccount.objects.create(user=locked, provider="oidc", uid="6")
    door = Client()
    told["an editor with one"] = [through(door, provider, sub="6", email=locked.email), who(door)]
    return told


def main() -> None:
    """Walk in the test database, and take everything back."""
    connection.settings_dict["NAME"] = os.environ["COALITION_TEST_DATABASE"]
    setup_test_environment()
    provider = Provider()
    from django.conf import settings

    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = provider.url
    with transaction.atomic():
        call_command("migrate", "socialaccount", verbosity=0)
        told = walk(provider)
        transaction.set_rollback(True)
    provider.close()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
