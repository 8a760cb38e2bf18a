"""Somebody who tells: a browser without scripts, and what it is shown."""

import html
import re
from typing import Any

from django.test import Client

from coalition.intake.models import Submission

FULL = {
    "text": "They count my steps with a badge.",
    "industry_words": "I clean rooms",
    "technology_unsure": "on",
    "harm_words": "My back hurts",
    "country": "USA",
    "state": "Nevada",
    "town": "",
    "month": "3",
    "year": "2026",
    "employer": "Grand Hotel",
    "naming": "no",
    "use": "publish",
    "name": "Robin",
    "reach": "robin@example.org",
}


class Teller:
    """Tells through the site's own pages, over https."""

    def __init__(self, **environ: Any) -> None:
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False, **environ)

    def get(self, path: str, **more: Any) -> Any:
        """Open a page."""
        return self.client.get(path, secure=True, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, *, form: str = "", **more: Any) -> Any:
        """Open the page that has the form, and send it as a browser does from a page without referrer."""
        token = self.token(form or path)
        more.setdefault("HTTP_ORIGIN", "null")
        more.setdefault("HTTP_SEC_FETCH_SITE", "same-origin")
        return self.client.post(path, {"csrfmiddlewaretoken": token, **(data or {})}, secure=True, **more)

    def token(self, path: str) -> str:
        """Return the token of the first form of a page."""
        page = self.get(path)
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
        assert found is not None, (path, page.status_code, page.headers.get("Location"))
        return found[1]

    def tells(self, **answers: Any) -> list[str]:
        """Tell everything on one page; return the words of the receipt."""
        return words_on(self.post("/tell/all/", {**FULL, **answers}))

    def returns(self, words: list[str]) -> Any:
        """Come back with a code."""
        return self.post("/return/", {"code": " ".join(words)})


def words_on(response: Any) -> list[str]:
    """Return the code that a page shows."""
    words = [html.unescape(word) for word in re.findall(r'<li translate="no">([^<]+)</li>', response.content.decode())]
    assert len(words) == 9, (response.status_code, response.content.decode()[-3000:])
    return words


def told(**answers: Any) -> tuple[Submission, list[str]]:
    """Have something told by somebody; return it and its code."""
    before = set(Submission.objects.values_list("pk", flat=True))
    words = Teller().tells(**answers)
    return Submission.objects.exclude(pk__in=before).get(), words
