"""Readers: they ask over HTTP, and ask once more only where the web server itself was not there to answer."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# A browser's patience with a server that takes no connections; generous, since tests share the machine.
PATIENCE_SECONDS = 60.0
_ANSWER_SECONDS = 60.0
_PAUSE = 0.2


@dataclass
class Answer:
    """What somebody got: the status (0 for none at all), the page, how long it took, and when it had to be repeated."""

    path: str
    status: int = 0
    page: str = ""
    asked: float = 0.0
    seconds: float = 0.0
    repeats: list[float] = field(default_factory=list)
    error: str = ""


def ask(port: int, path: str) -> Answer:
    """Ask for a page.

    Args:
        port: of loopback.
        path: of the page, with its query.
    """
    answer = Answer(path, asked=time.time())
    begin = time.monotonic()
    while True:
        try:
            answer.status, answer.page = _get(port, path)
        except (ConnectionError, http.client.IncompleteRead) as error:
            # Refused, or cut.
            answer.repeats.append(time.time())
            answer.error = repr(error)
            if time.monotonic() - begin < PATIENCE_SECONDS:
                time.sleep(_PAUSE)
                continue
        except OSError as error:
            answer.error = repr(error)
        answer.seconds = time.monotonic() - begin
        return answer


def _get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    finally:
        connection.close()


class Searcher:
    """Somebody who asks one thing after the other, until told to stop."""

    def __init__(self, port: int, next_path: Callable[[], str]) -> None:
        self.answers: list[Answer] = []
        self._port, self._next_path = port, next_path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="searcher", daemon=True)

    def __enter__(self) -> "Searcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            answer = ask(self._port, self._next_path())
            if answer.status == 200:
                answer.page = ""
            self.answers.append(answer)
