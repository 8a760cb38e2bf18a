"""The page that says who may do what is the table."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command


def test_the_page_is_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("roles")
    assert capsys.readouterr().out == (Path(settings.REPOSITORY) / "docs" / "roles.md").read_text(encoding="utf-8")
