"""What a log may say of a request: which view answered, never the address itself. Some addresses hold a secret."""

import logging


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
