"""``manage.py beat``: does what is due, one beat at a time however many are started."""

import contextlib
import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from coalition.ops.schedule import Clock, entry_run

logger = logging.getLogger("coalition.beat")
# Any number that nobody else locks; the same for every beat.
LOCK = 0x636F616C
_HELD = "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND pid = pg_backend_pid()"
_TICK_SECONDS = 1.0
_AWAY_SECONDS = 3.0


class Leadership:
    """Being the one beat that acts: a lock that lives as long as a connection of its own."""

    def __init__(self) -> None:
        self._connection: BaseDatabaseWrapper | None = None

    def hold(self) -> bool:
        """Whether we lead; takes the lead when nobody has it.

        Raises:
            DatabaseError, InterfaceError: the database is away; the lead is lost, and asked for again next time.
        """
        try:
            if self._connection is None:
                self._connection = connections.create_connection("default")
                return self._answer("SELECT pg_try_advisory_lock(%s)")
            return self._answer(_HELD) or self._answer("SELECT pg_try_advisory_lock(%s)")
        except (DatabaseError, InterfaceError):
            self.close()
            raise

    def _answer(self, sql: str) -> bool:
        if self._connection is None:
            return False
        with self._connection.cursor() as cursor:
            cursor.execute(sql, [LOCK])
            return bool(cursor.fetchone()[0])

    def close(self) -> None:
        """Leave the lead."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(DatabaseError, InterfaceError):
                connection.close()


class Command(BaseCommand):
    """Runs for as long as the site does."""

    help = "Do what is due, again and again."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take ``--once``."""
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        """Look every second what is due; a database that is away is waited for."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        clock, leadership, away = Clock(), Leadership(), False
        while not stop.is_set():
            wait = _TICK_SECONDS
            try:
                if leadership.hold():
                    self._do_due(clock, stop)
                away = False
            except (DatabaseError, InterfaceError):
                if not away:
                    logger.warning("the database is away: waiting for it")
                away, wait = True, _AWAY_SECONDS
            if once:
                break
            stop.wait(wait)
        leadership.close()

    def _do_due(self, clock: Clock, stop: threading.Event) -> None:
        for entry in clock.due():
            if stop.is_set():
                return
            close_old_connections()
            # Counted before, so that what fails is tried again after its interval and not every second.
            clock.done(entry)
            try:
                entry_run(entry)
            except (DatabaseError, InterfaceError) as error:
                # One that is away is everybody's matter; one that only refused this is this entry's.
                logger.warning("%s: %s", entry.name, type(error).__name__)
                if not connections["default"].is_usable():
                    connections["default"].close()
                    raise
            except Exception:
                logger.exception("%s failed", entry.name)
