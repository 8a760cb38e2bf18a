"""Logs name the view that answered, never the address: some addresses hold a secret."""

import logging

import pytest
from django.test import Client

from coalition.logs import NamedAddresses


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "name"),
    [("/setup/a-secret-token/", "accounts_setup"), ("/no/such/a-secret-token/", "wagtail_serve")],
)
def test_what_is_refused_is_logged_without_its_address(path: str, name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert Client().get(path).status_code >= 400
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    assert NamedAddresses().filter(record)
    assert "a-secret-token" not in record.getMessage()
    assert name in record.getMessage()
