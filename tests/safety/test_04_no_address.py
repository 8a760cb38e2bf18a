"""Promise 4, where people tell: no address and no user agent is kept."""

import logging
from typing import Any

import pytest
from django.core.cache import cache

from coalition.intake.models import Submission
from tests.coalition.intake.teller import FULL, Teller
from tests.safety.faults import failing
from tests.safety.surfaces import canary, tables_with

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.77"


@pytest.mark.promise("no-address")
def test_sending_failing_and_being_refused_keep_neither(logged: list[str], settings: Any) -> None:
    agent = canary()
    teller = Teller(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=agent, HTTP_X_FORWARDED_FOR=ADDRESS)
    words = teller.tells()
    assert Teller(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=agent).returns(words).status_code == 302
    assert teller.get("/tell/nothing-like-it/").status_code == 404
    assert teller.client.post("/tell/all/", FULL, secure=True).status_code == 403
    assert teller.post("/tell/what/", {"text": "They count my steps."}).status_code == 302
    with failing("intake_submission"):
        assert teller.get("/tell/check/").status_code == 500
    assert [line for line in logged if agent in line or "203.0.113" in line] == []
    assert logged
    assert tables_with(agent, ADDRESS, "203.0.113") == []


def test_the_search_finds_an_address_that_is_kept(logged: list[str]) -> None:
    cache.set("coalition.shared.control", ADDRESS)
    logging.getLogger("control").debug("from %s", ADDRESS)
    Submission.objects.create(locator=None)
    assert [line for line in logged if ADDRESS in line]
    assert "coalition_cache" in tables_with(ADDRESS)
