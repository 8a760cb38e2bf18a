"""Limits hold, and neither address nor browser of anybody is kept anywhere."""

import ipaddress
import logging

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from coalition.accounts.limits import expired_forget, network, network_hash
from tests import factories
from tests.coalition.accounts.door import mailed_code, sign_in, sign_up

ADDRESS, NEIGHBOUR, STRANGER = "203.0.113.77", "203.0.113.5", "198.51.100.9"
BROWSER = "Canary/47.11 (a browser like no other)"


@given(st.ip_addresses(v=4), st.integers(0, 255))
def test_a_network_is_the_first_three_bytes(address: ipaddress.IPv4Address, last: int) -> None:
    neighbour = ipaddress.ip_address(int(address) & ~0xFF | last)
    assert network(str(address)) == network(str(neighbour))
    assert network(f"::ffff:{address}") == network(str(address))


@given(st.ip_addresses(v=6).filter(lambda address: address.ipv4_mapped is None), st.integers(0, 2**80 - 1))
def test_a_network_of_the_new_kind_is_the_first_six_bytes(address: ipaddress.IPv6Address, rest: int) -> None:
    neighbour = ipaddress.IPv6Address(int(address) >> 80 << 80 | rest)
    if neighbour.ipv4_mapped is None:
        assert network(str(address)) == network(str(neighbour))


@given(st.one_of(st.none(), st.text(max_size=20)))
def test_what_is_no_address_is_one_network(text: str | None) -> None:
    try:
        ipaddress.ip_address(text or "")
    except ValueError:
        assert network(text) == "unknown"


@pytest.mark.django_db
def test_the_key_is_another_one_the_next_day() -> None:
    today = network_hash(ADDRESS)
    assert today == network_hash(NEIGHBOUR)
    assert today != network_hash(STRANGER)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE coalition_cache SET expires = now() - interval '1 second'")
    assert network_hash(ADDRESS) != today


@pytest.mark.django_db
def test_what_is_beyond_its_time_is_forgotten() -> None:
    cache.set("coalition.shared.one", 1, 60)
    cache.set("coalition.shared.two", 2, 60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM coalition_cache")
        assert all("coalition.shared" not in key for (key,) in cursor.fetchall())
        cursor.execute("UPDATE coalition_cache SET expires = now() - interval '1 second'")
    assert expired_forget() == 2
    assert cache.get("coalition.shared.one", "gone") == "gone"


@pytest.mark.django_db
def test_only_what_processes_must_agree_on_is_in_the_database() -> None:
    cache.set("page", "fast")
    cache.set("allauth.thing", "agreed")
    assert (cache.get("page"), cache.get("allauth.thing")) == ("fast", "agreed")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM coalition_cache")
        assert cursor.fetchone()[0] == 1
    assert cache.add("allauth.thing", "again") is False
    assert cache.touch("allauth.thing", 5) is True
    assert cache.delete("allauth.thing") is True
    assert cache.delete("page") is True
    assert caches["shared"].get("page") is None


@pytest.mark.django_db
def test_guessing_a_password_is_held_off_and_others_are_not() -> None:
    user, other = factories.user(), factories.user()
    for _attempt in range(5):
        sign_in(Client(REMOTE_ADDR=ADDRESS), user.email, "not the password")
    answer = sign_in(Client(REMOTE_ADDR=STRANGER), user.email)
    assert "That was tried too often. Wait five minutes" in answer.content.decode()
    assert sign_in(Client(REMOTE_ADDR=ADDRESS), other.email).status_code == 302


@pytest.mark.django_db
def test_a_network_that_opens_account_after_account_is_held_off() -> None:
    for number in range(20):
        sign_up(Client(REMOTE_ADDR=ADDRESS), email=f"n{number}@example.org", password1="short")
    answer = sign_up(Client(REMOTE_ADDR=NEIGHBOUR))
    assert answer.status_code == 429
    assert "Wait a minute, then go back and try again." in answer.content.decode()
    assert sign_up(Client(REMOTE_ADDR=STRANGER)).status_code == 302


@pytest.mark.django_db
def test_the_web_server_before_says_who_asks(settings: object) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]
    user = factories.user()
    for number in range(20):
        email = f"n{number}@example.org"
        sign_in(Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"6.6.6.6, {ADDRESS}"), email, "wrong word")
    held = sign_in(Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=NEIGHBOUR), user.email)
    assert "That was tried too often." in held.content.decode()
    assert sign_in(Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=STRANGER), user.email).status_code == 302


def stored(*canaries: str) -> list[tuple[str, str]]:
    """Return every table in which one of the canaries stands, in any column, also inside what sessions hold."""
    import base64
    import zlib

    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            for canary in canaries:
                cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{canary}%"])
                if cursor.fetchone()[0]:
                    found.append((table, canary))
        cursor.execute("SELECT session_data FROM accounts_session")
        for (data,) in cursor.fetchall():
            text = data.split(":")[0]
            raw = base64.urlsafe_b64decode(text.lstrip(".") + "==")
            raw = zlib.decompress(raw) if text.startswith(".") else raw
            found += [("accounts_session", canary) for canary in canaries if canary.encode() in raw]
    return found


@pytest.mark.promise("no-address")
@pytest.mark.django_db
def test_neither_address_nor_browser_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    user = factories.user("known@example.org", second_lock=True)
    client = Client(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=BROWSER)
    sign_up(client)
    client.post("/account/confirm-email/", {"code": "AAAAAA"})
    client.post("/account/confirm-email/", {"code": mailed_code("new@example.org")})
    assert client.get("/you/").status_code == 200
    # What waits for the password once more remembers what was filled in, and nothing of who did.
    client.post("/account/email/", {"email": "waits@example.org", "action_add": ""})
    assert stored("email=waits") == [("accounts_session", "email=waits")]
    client.post("/account/reauthenticate/", {"password": "seven purple doors", "next": "/account/email/"})
    client.post(
        "/account/password/change/",
        {"oldpassword": "seven purple doors", "password1": "eight green windows", "password2": "eight green windows"},
    )
    client.post("/account/logout/")
    sign_in(client, user.email, "not the password")
    sign_in(client, user.email)
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    client.post("/account/password/reset/", {"email": user.email})
    client.post("/account/login/code/", {"email": "nobody@example.org"})
    assert client.get("/account/no-such-page/").status_code == 404
    strict = Client(enforce_csrf_checks=True, REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=BROWSER)
    assert sign_in(strict, user.email).status_code == 403

    canaries = (ADDRESS, BROWSER, "203.0.113.0")
    assert stored(*canaries) == []
    # The control: what is kept is found, in rows and in sessions.
    assert {table for table, _ in stored("Nightingale")} == {"accounts_user"}
    said = "\n".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert not [canary for canary in canaries if canary in said]
