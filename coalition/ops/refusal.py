"""How a command says no."""

import errno


class Refusal(Exception):  # noqa: N818 - it is one, and read as one
    """Something the operator has to mend; the message is one sentence that says what and how.

    ``details`` are lines of a tool's own output, shown under the sentence.
    """

    def __init__(self, sentence: str, *, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details


def refusal_from(error: OSError) -> Refusal | None:
    """Return the refusal for an error of the machine that can meet any step, or None when it is a fault of ours."""
    where = f" at {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refusal(f"The disk is full{where}: free some space, or name another folder with --data-dir.")
    if error.errno == errno.EROFS:
        return Refusal(f"The file system is read-only{where}: name a folder that can be written with --data-dir.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Refusal(
            f"Permission was denied{where}: run as the owner of the data folder, or name another with --data-dir."
        )
    return None
