"""Promise 9: whoever sends twice has told once, and holds the one code that leads back."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from coalition.intake.models import Submission
from tests.coalition.intake.teller import FULL, Teller, words_on

AT_ONCE = 4


def together(client: Any, path: str, data: dict[str, str]) -> list[Any]:
    """Send the same form from several threads in the same moment."""
    cookies, ready = client.cookies.output(header="", sep=";").strip(), Barrier(AT_ONCE)

    def send(_number: int) -> Any:
        try:
            each = Teller()
            each.client.cookies.load(cookies)
            ready.wait(10)
            more = {"HTTP_ORIGIN": "null", "HTTP_SEC_FETCH_SITE": "same-origin"}
            return each.client.post(path, data, secure=True, **more)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


@pytest.mark.parametrize("door", ["one question at a time", "all at once"])
def test_the_last_step_sent_in_the_same_moment_is_sent_once_with_one_receipt(own_database: None, door: str) -> None:
    teller = Teller()
    if door == "all at once":
        path, data = "/tell/all/", {**FULL, "csrfmiddlewaretoken": teller.token("/tell/all/")}
    else:
        teller.post("/tell/what/", {"text": FULL["text"]})
        path, data = "/tell/send/", {"csrfmiddlewaretoken": teller.token("/tell/check/")}
    answers = together(teller.client, path, data)
    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    receipts = {tuple(words_on(answer)) for answer in answers}
    assert len(receipts) == 1
    submission = Submission.objects.get()
    assert (submission.state, (submission.open("answers") or {})["text"]) == ("received", FULL["text"])
    assert Teller().returns(list(receipts.pop())).headers["Location"] == "/return/home/"
