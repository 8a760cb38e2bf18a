"""Tellers at a rate, over real connections, and what each of them was shown."""

import html
import http.client
import re
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_WORD = re.compile(r'<li translate="no">([^<]+)</li>')
PATIENCE_SECONDS = 90.0


@dataclass
class Receipt:
    """What one teller ended with: a code, or why there is none; and how long sending took, in seconds."""

    number: int
    words: list[str] = field(default_factory=list)
    seconds: float = 0.0
    attempts: int = 0
    said: str = ""


class Browser:
    """A browser without scripts, with cookies of one person."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, dict[str, str]()

    def ask(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Return status, text and where it leads.

        Raises:
            OSError: the line broke.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}
            headers["Sec-Fetch-Site"] = "same-origin"
        try:
            connection.request(method, path, urllib.parse.urlencode(data or {}), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text, answer.headers.get("Location", "")

    def send(self, path: str, data: dict[str, str]) -> tuple[int, str, str]:
        """Open a form and send it."""
        status, text, _ = self.ask("GET", path)
        token = _TOKEN.search(text)
        if token is None:
            return status, text, ""
        return self.ask("POST", path, {"csrfmiddlewaretoken": token[1], **data})


def tell(port: int, receipt: Receipt) -> None:
    """Tell something, and press again while there is no receipt, as somebody does whom it matters to."""
    browser, began = Browser(port), time.monotonic()
    answers = {
        "text": f"Number {receipt.number}: they count our steps, and whoever stands still is written up.",
        "industry_unsure": "on",
        "technology_unsure": "on",
        "harm_unsure": "on",
        "when_unsure": "on",
        "naming": "no",
        "use": "publish",
    }
    while time.monotonic() - began < PATIENCE_SECONDS:
        receipt.attempts += 1
        try:
            status, text, _ = browser.send("/tell/all/", answers)
        except OSError as error:
            receipt.said = type(error).__name__
        else:
            words = [html.unescape(word) for word in _WORD.findall(text)]
            if len(words) == 9:
                receipt.words, receipt.seconds = words, time.monotonic() - began
                return
            receipt.said = str(status)
        time.sleep(0.5)


def opens(port: int, receipt: Receipt) -> bool:
    """Whether the code leads to what was told."""
    browser = Browser(port)
    status, _, where = browser.send("/return/", {"code": " ".join(receipt.words)})
    if status != 302:
        return False
    _, text, _ = browser.ask("GET", "/return/words/")
    if f"Number {receipt.number}:" in text:
        return True
    _, text, _ = browser.ask("GET", where)
    return f"Number {receipt.number}:" in text


def tellers(port: int, *, rate: int, seconds: int) -> tuple[list[Receipt], list[threading.Thread]]:
    """Start so many tellers a second, each in a thread; return their receipts, which fill, and the threads."""
    receipts, threads = [], []
    began = time.monotonic()
    for number in range(rate * seconds):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        receipt = Receipt(number)
        thread = threading.Thread(target=tell, args=(port, receipt), daemon=True)
        thread.start()
        receipts.append(receipt)
        threads.append(thread)
    return receipts, threads
