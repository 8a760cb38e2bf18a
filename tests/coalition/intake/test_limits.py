"""Limits: how often, in how long, for whom, and that one kind does not use up another's."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory

from coalition.intake.limits import LIMITS, is_limited
from tests.safety.clock import at

pytestmark = pytest.mark.django_db
HERE, THERE = "203.0.113.7", "198.51.100.1"
# Of one network and of all, and the seconds after which it begins anew: a union hall may be one network.
WRITTEN = {"send": (30, 300, 3600), "code": (30, 300, 900), "file": (200, 2000, 3600), "message": (60, 600, 3600)}

# An hour, and with it a quarter of one, that has not begun yet.
BEGINS = (time.time() // 3600 + 1) * 3600.0


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    # The database forgets by its own clock: nothing may be counted before now.
    monkeypatch.setattr("time.time", lambda: BEGINS)


def is_too_much(name: str, address: str) -> bool:
    return is_limited(RequestFactory().get("/", REMOTE_ADDR=address), name)


def test_what_is_counted_has_these_limits() -> None:
    assert {name: (each.network, each.everyone, each.seconds) for name, each in LIMITS.items()} == WRITTEN


def test_a_network_has_so_many_and_others_are_not_locked_out() -> None:
    assert [is_too_much("code", HERE) for _time in range(31)] == [False] * 30 + [True]
    # The same house.
    assert is_too_much("code", "203.0.113.200")
    assert not is_too_much("code", THERE)
    assert not any(is_too_much(other, HERE) for other in WRITTEN if other != "code")


def test_a_network_that_never_stops_locks_nobody_else_out() -> None:
    assert [is_too_much("code", HERE) for _time in range(400)] == [False] * 30 + [True] * 370
    assert not is_too_much("code", THERE)
    assert not is_too_much("code", "127.0.0.1")
    # Ten networks that each send all they may do count for all.
    for number in range(9):
        assert not any(is_too_much("code", f"192.0.{number}.1") for _time in range(30 - 2 * (number == 8)))
    assert is_too_much("code", "192.0.99.1")


def test_all_together_have_so_many_and_this_machine_counts_for_all_alone() -> None:
    assert [is_too_much("code", "127.0.0.1") for _time in range(301)] == [False] * 300 + [True]
    assert is_too_much("code", "::1")
    assert is_too_much("code", THERE)


def test_after_its_time_it_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    for _time in range(30):
        assert not is_too_much("code", HERE)
    monkeypatch.setattr("time.time", lambda: BEGINS + 899.5)
    assert is_too_much("code", HERE)
    monkeypatch.setattr("time.time", lambda: BEGINS + 900.5)
    assert not is_too_much("code", HERE)


@pytest.mark.parametrize("passed", [1, 1800, 3599])
def test_what_is_counted_is_kept_to_the_end_of_its_time_whenever_it_was(
    passed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = (int(time.time()) // 3600) * 3600
    monkeypatch.setattr("time.time", lambda: begins + float(passed))
    with at(datetime.fromtimestamp(begins + passed, UTC)):
        for _time in range(2):
            assert not is_too_much("send", HERE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires FROM coalition_cache")
        kept = {int(expires.timestamp()) for (expires,) in cursor.fetchall()}
    # The key of the day's hashes is kept longer.
    assert {each for each in kept if each < begins + 2 * 3600} == {begins + 3600}


def test_an_operator_can_raise_all_of_them(settings: Any) -> None:
    settings.INTAKE_LIMITS = 2
    assert [is_too_much("code", HERE) for _time in range(61)] == [False] * 60 + [True]
    settings.INTAKE_LIMITS = 0
    assert is_too_much("send", HERE)
