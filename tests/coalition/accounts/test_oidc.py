"""Another organization's door is there when settings name it, and only then."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.urls import NoReverseMatch, reverse

ASK = """
import django, json, sys
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
call_command("check", stdout=sys.stderr)
provider = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
print(json.dumps({
    "address": reverse("openid_connect_login", args=[provider["provider_id"]]),
    "name": provider["name"],
    "secret": provider["secret"],
    "forms": settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"],
}))
"""


def ask(**environment: str) -> dict[str, object]:
    """Return what a process with these settings says."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK], env={**os.environ, **environment}, capture_output=True, check=True
    )
    told: dict[str, object] = json.loads(ran.stdout)
    return told


def test_it_is_off_by_default() -> None:
    assert "allauth.socialaccount" not in settings.INSTALLED_APPS
    try:
        reverse("openid_connect_login", args=["oidc"])
    except NoReverseMatch:
        return
    raise AssertionError("There is an address to sign in elsewhere.")


def test_settings_open_it_and_the_secret_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("very secret\n", encoding="utf-8")
    told = ask(
        COALITION_OIDC_URL="https://union.example/realms/all",
        COALITION_OIDC_CLIENT_ID="coalition",
        COALITION_OIDC_SECRET_FILE=str(tmp_path / "secret"),
        COALITION_OIDC_NAME="The union",
    )
    assert told == {
        "address": "/account/oidc/oidc/login/",
        "name": "The union",
        "secret": "very secret",
        "forms": ["'self'", "https://union.example"],
    }
    bare = ask(COALITION_OIDC_URL="https://union.example/realms/all", COALITION_OIDC_SECRET="plain")
    assert (bare["name"], bare["secret"]) == ("union.example", "plain")


def test_the_whole_way_through_another_door(db: None) -> None:
    environment = {
        "COALITION_OIDC_URL": "http://127.0.0.1:9",
        "COALITION_OIDC_CLIENT_ID": "coalition",
        "COALITION_OIDC_SECRET": "hidden",
        "COALITION_TEST_DATABASE": str(connection.settings_dict["NAME"]),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.coalition.accounts.oidc_way"],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "a new account": ["rosa@union.example", "Rosa"],
        "its address": True,
        "asked": ["/.well-known/openid-configuration", "/authorize", "/token", "/userinfo"],
        "the same again": ["rosa@union.example", 1, True],
        "an address of another account, verified False": "",
        "an address of another account, verified True": "",
        "accounts of hers": 0,
        "linking asks for the password": "/account/reauthenticate/",
        "linked": 1,
        "signed in with the link": "ada@union.example",
        "an editor without a second lock": ["edith@union.example", "/account/2fa/?needed=1"],
        "an editor with one": ["/account/2fa/authenticate/", ""],
    }


ROWS = """
import django, json
django.setup()
from django.urls import get_resolver
from coalition.accounts.table import TABLE
from tests.coalition.matrix.test_matrix import addresses
named = {url for rule in TABLE for url in rule.urls}
found = list(addresses(get_resolver().url_patterns))
print(json.dumps([
    sorted(route for route, name in found if name not in named and not route.startswith("admin/")),
    sorted(named - {name for _route, name in found}),
]))
"""


def test_its_addresses_stand_in_the_table_where_it_is_on() -> None:
    environment = {**os.environ, "COALITION_OIDC_URL": "https://union.example"}
    ran = subprocess.run([sys.executable, "-c", ROWS], env=environment, capture_output=True, check=True)
    # Those without a name lead from where allauth had them once to where they are.
    once = [f"account/social/{name}/" for name in ("connections", "login/cancelled", "login/error", "signup")]
    assert json.loads(ran.stdout) == [once, ["admin/"]]
