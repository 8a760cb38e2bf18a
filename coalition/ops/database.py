"""Which database: the operator's own, or the embedded one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from coalition.ops.cluster import Cluster
from coalition.ops.paths import DataFolder
from coalition.ops.preflight import database_url_check


class Database:
    """The database of the site, running while it is used."""

    def __init__(self, *, folder: DataFolder) -> None:
        self.own_url = os.environ.get("DATABASE_URL", "")
        self.cluster = None if self.own_url else Cluster(home=folder.postgres, venv=folder.venv)

    @contextmanager
    def used(self) -> Iterator[str]:
        """Yield the database's address, with the embedded one running during the block.

        Raises:
            Refusal: nobody answers behind DATABASE_URL, or the embedded one does not start.
        """
        if self.cluster is None:
            database_url_check(self.own_url)
            yield self.own_url
            return
        with self.cluster.used() as url:
            yield url

    def ensure(self) -> None:
        """Start the embedded database again if it is gone; an operator's own is the operator's."""
        if self.cluster is not None and not self.cluster.is_running:
            self.cluster.ensure()
