"""Where a canary is looked for: every column of every table, in clear and as hexadecimal digits."""

import base64
import json
import secrets

from django.db import connection

from coalition.accounts.models import Session


def canary() -> str:
    """Return a string that is nowhere yet."""
    return f"canary{secrets.token_hex(12)}"


def tables() -> list[str]:
    """Return every table of the site."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def tables_with(*needles: str) -> list[str]:
    """Return the tables in which one of the needles stands in some column."""
    wanted = [each for needle in needles for each in (needle, needle.encode().hex())]
    found = []
    with connection.cursor() as cursor:
        for table in tables():
            condition = " OR ".join(["position(%s in t::text) > 0"] * len(wanted))
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE {condition}', wanted)
            if cursor.fetchone()[0]:
                found.append(table)
    return [*found, *_packed_with(*needles)]


def _packed_with(*needles: str) -> list[str]:
    """Look into what is packed in base64: the shared cache, and sessions (signed; sometimes compressed)."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM coalition_cache")
        if any(needle.encode() in base64.b64decode(value) for (value,) in cursor.fetchall() for needle in needles):
            found.append("coalition_cache")
    for session in Session.objects.all():
        if any(needle in json.dumps(session.get_decoded(), default=str) for needle in needles):
            found.append("accounts_session")
            break
    return found
