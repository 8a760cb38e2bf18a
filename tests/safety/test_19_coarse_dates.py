"""Promise 19, where people tell: nothing that is stored or shown is finer than a day."""

from datetime import datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import models

from coalition.intake.messages import message_write
from coalition.intake.sealing import sealed_columns
from tests.coalition.intake.teller import Teller, told

pytestmark = pytest.mark.django_db


@pytest.mark.promise("day-alone")
def test_no_column_holds_a_time_or_counts_up() -> None:
    for model in apps.get_app_config("intake").get_models():
        for field in model._meta.local_concrete_fields:
            assert not isinstance(field, models.DateTimeField | models.TimeField | models.AutoField), field
    assert {model._meta.app_label for model, _field in sealed_columns()} >= {"intake"}


def test_what_seals_is_stamped_with_the_day_alone(settings: Any) -> None:
    submission, _words = told()
    message = message_write(submission=submission, text="One.", from_teller=True)
    fernet = Fernet(settings.INTAKE_KEYS[0])
    for token in (submission.answers, submission.contact, message.text):
        assert fernet.extract_timestamp(bytes(token or b"")) % 86400 == 0
    assert submission.pk.version == 4


def test_lengths_say_little() -> None:
    short, _words = told(text="x")
    longer, _others = told(text="x" * 300)
    assert len(short.answers or b"") == len(longer.answers or b"")


def test_pages_show_no_time_and_answers_carry_none() -> None:
    submission, words = told()
    message_write(submission=submission, text="One.", from_teller=False)
    teller = Teller()
    teller.returns(words)
    for path in ("/return/home/", "/return/words/", "/tell/"):
        page = teller.get(path)
        assert not {"Last-Modified", "ETag", "Expires", "Date"} & set(page.headers)
        assert f"{datetime.now():%H:%M}" not in page.content.decode()
