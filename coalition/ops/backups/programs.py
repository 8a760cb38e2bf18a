"""PostgreSQL's own programs that write and read a dump."""

import os
import sys
from pathlib import Path

from django.db import connection

from coalition.ops.binaries import Binaries, binaries_find
from coalition.ops.refusal import Refusal


def programs(*, at_least: int | None = None) -> Binaries:
    """Return PostgreSQL's programs, new enough for the site's server (and for a dump of a version).

    Raises:
        Refusal: this machine has none that are.
    """
    found = binaries_find(venv=Path(sys.prefix), account=None)
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        wanted = max(int(cursor.fetchone()[0]) // 10000, at_least or 0)
    if found.major < wanted:
        raise Refusal(
            f"This machine has the programs of PostgreSQL {found.major}, and {wanted} is needed: install "
            f"postgresql-client-{wanted}."
        )
    return found


def connection_environment() -> dict[str, str]:
    """Return the environment in which PostgreSQL's programs reach the site's database; no argument shows a password."""
    at = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    options = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "service": "PGSERVICE"}
    given = {variable: str(at[name]) for name, variable in (names | options).items() if at.get(name)}
    return {**os.environ, **given}
