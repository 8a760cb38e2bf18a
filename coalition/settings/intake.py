"""What is told in confidence: its keys, how long it is kept, where it leads out. ``base`` takes all of this in."""

import os
from pathlib import Path

# Fernet keys, newest first, one a line; and the pepper, which return codes are checked with. Both lie outside the
# database, so that a copy of it opens nothing. What tests and development set here goes before the files.
INTAKE_KEYS: list[str] = []
INTAKE_PEPPER = ""
INTAKE_KEYS_FILE = os.environ.get("COALITION_INTAKE_KEYS_FILE", "")
INTAKE_PEPPER_FILE = os.environ.get("COALITION_INTAKE_PEPPER_FILE", "")

# In days. What was sent and is not published goes after so many; a draft with a code, and one that nobody can return
# to; the original of what was published, counted from the teller's yes.
INTAKE_KEEP_DAYS = int(os.environ.get("COALITION_INTAKE_KEEP_DAYS") or 90)
INTAKE_DRAFT_CODE_DAYS = 30
INTAKE_DRAFT_DAYS = 2
INTAKE_ORIGINAL_DAYS = 30

_DATA_DIR = Path(os.environ.get("COALITION_DATA_DIR") or Path(__file__).resolve().parents[2] / "var")
# Files that tellers sent, encrypted.
INTAKE_FILES = _DATA_DIR / "intake" / "files"
# What was deleted, so that a restored backup is rid of it too; ids, days and nothing else.
INTAKE_LEDGER = Path(os.environ.get("COALITION_INTAKE_LEDGER") or _DATA_DIR / "intake" / "deletions.ledger")
# In bytes: a file, and all of one submission; how many those may be; and what has to stay free on their disk.
INTAKE_FILE_BYTES = 50 * 1024 * 1024
INTAKE_FILES_BYTES = 200 * 1024 * 1024
INTAKE_FILES_MOST = 20
INTAKE_FILES_SPARE = int(os.environ.get("COALITION_INTAKE_FILES_SPARE_MB") or 1024) * 1024 * 1024

# Multiplies the limits on sending, codes and messages, for load tests alone: check --deploy refuses another than 1.
INTAKE_LIMITS = int(os.environ.get("COALITION_INTAKE_LIMITS") or 1)
# After so many seconds without a request whoever came with a code has to give it again.
INTAKE_IDLE = 15 * 60
# And after so many with however many requests: a browser that was left open somewhere goes on by itself for ever.
INTAKE_VISIT = 8 * 60 * 60
# Where one gets to in a hurry: a page that says nothing of who opened it.
EXIT_URL = os.environ.get("COALITION_EXIT_URL") or "https://www.wikipedia.org/"

# What was agreed to is held back for so many days, at least and at most, and released on one day of the week (0 is
# Monday), so that its release says nothing of the yes.
INTAKE_HELD_BACK = (3, 21)
INTAKE_RELEASE_WEEKDAY = 2
# One that is due alone waits for another, so many days at most: somebody may know who had just said yes.
INTAKE_ALONE_DAYS = 21
