"""Another organization's door is there when settings name it, and only then."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
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
