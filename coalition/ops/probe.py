"""Asks the site for a page without waiting, so that the supervisor's one loop goes on."""

import contextlib
import socket
from urllib.parse import urlsplit

EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - names it, binds nothing


class Probe:
    """One question at a time: does ``path`` answer?

    Args:
        host, port: where the site listens.
        public_url: what it is called; sent as Host, and its scheme as a proxy would.
    """

    def __init__(self, *, host: str, port: int, public_url: str, path: str = "/") -> None:
        # "Everywhere" is no address to call.
        self._address = ({"::": "::1"}.get(host, "127.0.0.1") if host in EVERYWHERE else host, port)
        parts = urlsplit(public_url)
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Forwarded-Proto: {parts.scheme}\r\n"
            "User-Agent: coalition\r\nConnection: close\r\n\r\n"
        ).encode()
        self._socket: socket.socket | None = None
        self._answer = b""

    def poll(self) -> int | None:
        """Return the status of an answer that has come, None when there is none yet; then asks again."""
        try:
            if self._socket is None:
                self._answer = b""
                self._socket = socket.create_connection(self._address, timeout=2)
                self._socket.sendall(self._request)
                self._socket.setblocking(False)
            part = self._socket.recv(4096)
        except BlockingIOError:
            return None
        except OSError:
            self.close()
            return None
        self._answer += part
        words = self._answer.split(b" ", 2)
        if len(words) == 3 and words[1].isdigit():
            self.close()
            return int(words[1])
        if not part:
            self.close()
        return None

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
