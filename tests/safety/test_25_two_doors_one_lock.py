"""Promise 25: two doors, one lock: the admin and organizers ask for the same sign-in, and of some for a second lock."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group, Permission
from django.test import Client

from coalition.accounts.roles import EDITORS, MODERATORS
from tests import factories
from tests.coalition.accounts.door import app_code, code_of, sign_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
MFA = "/account/2fa/?needed=1"
WHO = {
    "administrator": {"superuser": True},
    "editor": {"groups": (EDITORS,)},
    "moderator": {"groups": (MODERATORS,)},
}


@pytest.mark.parametrize("who", WHO.values(), ids=WHO.keys())
@pytest.mark.parametrize("path", ["/admin/", "/admin/pages/", "/organize/", "/organize/anything/"])
def test_without_a_second_lock_one_is_led_to_it(who: dict[str, object], path: str) -> None:
    client = factories.client_of(factories.user(second_lock=False, **who))  # type: ignore[arg-type]
    for answer in (client.get(path), client.post(path)):
        assert answer["Location"] == MFA
    assert "add a second lock first" in client.get(MFA).content.decode()
    for open_to_all in ("/you/", "/account/", "/topics/harm/"):
        assert client.get(open_to_all).status_code == 200
    assert client.post("/account/logout/").status_code == 302


@pytest.mark.parametrize("who", WHO.values(), ids=WHO.keys())
def test_with_one_the_pages_are_served(who: dict[str, object]) -> None:
    user = factories.user(second_lock=True, **who)  # type: ignore[arg-type]
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    assert sign_in(client, user.email, next="/admin/")["Location"].startswith("/account/2fa/authenticate/")
    assert client.get("/admin/").status_code == 302
    assert client.post("/account/2fa/authenticate/", {"code": app_code(user)})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_recovery_codes_alone_are_no_lock() -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    user = factories.user(superuser=True, second_lock=False)
    RecoveryCodes.activate(user)
    assert factories.client_of(user).get("/admin/")["Location"] == MFA


def test_a_group_of_ones_own_that_enters_the_admin_needs_one_too() -> None:
    group = Group.objects.create(name="Translators")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    user = factories.user()
    user.groups.add(group)
    client = factories.client_of(user)
    for path in ("/admin/", "/organize/"):
        assert client.get(path)["Location"] == MFA
    TOTP.activate(user, generate_totp_secret())
    assert client.get("/admin/").status_code == 200
    # The lock stays while the right does.
    (lock,) = Authenticator.objects.filter(user=user)
    client.post("/account/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(pk=lock.pk).exists()


def test_a_member_needs_none() -> None:
    client = factories.client_of(factories.user())
    assert client.get("/organize/anything/").status_code == 404


def test_after_adding_it_one_goes_on_to_where_one_wanted() -> None:
    client = factories.client_of(factories.user(superuser=True, second_lock=False))
    client.get("/admin/pages/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    answer = client.post("/account/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
    assert 'href="/admin/pages/"' in answer.content.decode()
    assert client.get("/admin/pages/", follow=True).status_code == 200


def test_whoever_needs_it_cannot_take_off_the_last_one() -> None:
    user = factories.user(superuser=True)
    client = factories.client_of(user)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    answer = client.post("/account/2fa/totp/deactivate/")
    assert "Your role asks for a second lock. Add another one first." in answer.content.decode()
    assert Authenticator.objects.filter(user=user).count() == 1


@pytest.mark.parametrize(
    "path",
    [
        "/admin/login/",
        "/admin/password_reset/",
        "/admin/password_reset/confirm/MQ/set-password/",
        "/admin/password_reset/done/",
        "/_util/login/",
    ],
)
def test_the_admin_has_no_door_of_its_own(path: str) -> None:
    user = factories.user(superuser=True, second_lock=False)
    client = Client()
    for answer in (client.get(path), client.post(path, {"username": user.email, "password": PASSWORD})):
        assert (answer.status_code, answer["Location"]) == (302, "/account/login/")
    assert "sessionid" not in client.cookies
    assert client.get(f"{path}?next=/admin/pages/")["Location"] == "/account/login/?next=%2Fadmin%2Fpages%2F"


def test_both_doors_lead_to_the_same_sign_in() -> None:
    for path in ("/admin/", "/admin/pages/", "/admin/api/main/pages/", "/you/", "/account/"):
        assert Client().get(path)["Location"] == f"/account/login/?next={path}"


def test_nobody_sets_a_password_in_the_admin() -> None:
    user = factories.user(superuser=True)
    client = factories.client_of(user)
    assert "password" not in client.get("/admin/account/").content.decode().lower().partition("<main")[2]
    assert 'type="password"' not in client.get("/admin/users/new/").content.decode()


def test_pages_with_passkeys_run_scripts_of_our_own_and_no_others_do() -> None:
    user = factories.user(second_lock=True)
    client = factories.client_of(user)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    for path in ("/account/2fa/webauthn/add/", "/account/2fa/reauthenticate/", "/account/2fa/webauthn/"):
        answer = client.get(path)
        assert answer.status_code == 200
    page = client.get("/account/2fa/webauthn/add/").content.decode()
    assert page.count("<script src=") == 3
    assert '"creation_options"' in page
    assert "unsafe" not in client.get("/account/2fa/webauthn/add/")["Content-Security-Policy"]
    assert Client().get("/account/login/").content.decode().count("<script src=") == 3
    for path in ("/account/", "/account/sessions/", "/account/2fa/", "/account/data/"):
        assert "<script" not in client.get(path).content.decode()
    answer = Client().get("/account/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert answer.json()["request_options"]["publicKey"]["userVerification"] == "required"
