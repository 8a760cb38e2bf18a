"""What a log may say: of a request, which view answered, never the address; of an error, its kind and place.

Some addresses hold a secret, and the sentence of an error quotes what was being worked with.
"""

import logging
import traceback
from typing import Any


class NamedAddresses(logging.Filter):
    """Puts the name of an address in place of its path in what Django says of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; keep it."""
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            name = (match.view_name if match else "") or "an address of no view"
            record.args = tuple(name if argument == path else argument for argument in record.args)
        return True


class WithoutSentences(logging.Formatter):
    """Says of an error where it came from and of what kind it is, and of what led to it the same."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Another log may have put the whole traceback into the record: it stays there, unused."""
        whole, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = whole

    def formatException(self, ei: Any) -> str:  # noqa: N802 - its name is logging's
        """Return the traceback without what errors say."""
        if ei[1] is None:
            return ""
        told = traceback.TracebackException.from_exception(ei[1])
        errors = [told]
        while each := errors[-1].__cause__ or (None if errors[-1].__suppress_context__ else errors[-1].__context__):
            errors.append(each)
        return "\n".join(f"{''.join(each.stack.format())}{_kind(each)}" for each in reversed(errors))


def _kind(error: traceback.TracebackException) -> str:
    kind = error.exc_type
    return f"{kind.__module__}.{kind.__qualname__}" if kind else "an error"
