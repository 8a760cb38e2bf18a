"""How gunicorn serves: ``gunicorn --config python:coalition.ops.gunicorn``."""

import importlib
import logging
import os
import re
from pathlib import Path

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from coalition.ops.first_start import prepare_if_ordered

bind = os.environ.get("COALITION_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("COALITION_WEB_WORKERS", "2"))
threads = int(os.environ.get("COALITION_WEB_THREADS", "4"))
worker_class = "gthread"
graceful_timeout = 10
timeout = 60
# Longer than proxies keep a connection that they do not use (Caddy two minutes, nginx one): who closes it first must
# not be the one that cannot know whether a request is on its way. Nobody waits for a thread meanwhile.
keepalive = 125
# The workers' sign of life is a file; on a disk that is busy it would come late.
_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes a file there that has no name
worker_tmp_dir = str(_MEMORY) if _MEMORY.is_dir() else None
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "warning"

_ADDRESS = re.compile(r"from ip=\S*")
_QUERY = re.compile(r"\?\S*")


class WithoutVisitors(logging.Filter):
    """Takes addresses and query strings out of what gunicorn says about a request that went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's text; always keep it."""
        text = record.getMessage()
        # What could not be parsed is quoted back, and may be anything that somebody typed.
        if text.startswith("Invalid request"):
            text = "Invalid request"
        record.msg, record.args = _QUERY.sub("?…", _ADDRESS.sub("", text)), None
        return True


class QuietLogger(Logger):
    """Gunicorn's logger without who and what was asked."""

    def setup(self, cfg: object) -> None:
        """Set up as usual, then put the filter before the log."""
        super().setup(cfg)
        self.error_log.addFilter(WithoutVisitors())


logger_class = QuietLogger


def on_starting(server: object) -> None:
    """Prepare the site if this is the first start of a run, then load the application once for all workers.

    Not ``preload_app``, which loads it earlier: middleware looks at the static files, and they must be there by then.
    Loaded here it is shared all the same: half the memory, and on two cores half the start.
    """
    prepare_if_ordered(os.environ)
    importlib.import_module("coalition.wsgi")
