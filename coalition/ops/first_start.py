"""The web server's side of ``preparation.py``: it loads Django, has a child prepare the site, then serves."""

import errno
import json
import os
import signal
import sys
from collections.abc import MutableMapping
from pathlib import Path

import django
from django.conf import settings
from django.core.management import ManagementUtility

from coalition.ops.preparation import FAILED, STATIC_STAMP, VARIABLE, Order
from coalition.ops.processes import dies_with_parent
from coalition.ops.refusal import Refusal, refusal_from


def prepare_if_ordered(environ: MutableMapping[str, str]) -> None:
    """Run the order in the environment, if there is one, in a forked child; for the web server, which loads Django.

    Raises:
        SystemExit: with ``FAILED``, when preparation failed.
    """
    if (given := environ.pop(VARIABLE, None)) is None:
        return
    django.setup()
    before = _static_stamp()
    order = Order(**json.loads(given))
    sys.stdout.flush()
    sys.stderr.flush()
    bound = dies_with_parent(signal.SIGTERM)
    if (child := os.fork()) == 0:
        code = 1
        try:
            if bound:
                bound()
            os.dup2(order.progress, 1)
            os.dup2(order.complaints, 2)
            code = _prepare(order)
        finally:
            # Not sys.exit: what the web server meant to do at its own end is none of the child's business.
            os._exit(code)
    for descriptor in order.descriptors:
        os.close(descriptor)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(FAILED)
    if _static_stamp() != before:
        # Loading Django has read the list of static files, which is another one now. Rare, so simply begin anew.
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - ourselves again


def _static_stamp() -> str:
    stamp = Path(settings.DATA_DIR) / STATIC_STAMP
    return stamp.read_text(encoding="ascii") if stamp.exists() else ""


def _prepare(order: Order) -> int:
    # Standard output was made for a pipe; on a terminal progress is drawn in place.
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the process ends
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    arguments = ["manage.py", "prepare", *order.arguments, "--result-descriptor", str(order.result)]
    try:
        ManagementUtility(arguments).execute()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        if known := _known(error):
            sys.stderr.write(f"{known}\n")
        else:
            sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _known(error: BaseException) -> Refusal | None:
    """Return the sentence for an error of the machine, also when the database is who met it."""
    if "No space left on device" in str(error):
        return refusal_from(OSError(errno.ENOSPC, ""))
    return refusal_from(error) if isinstance(error, OSError) else None
