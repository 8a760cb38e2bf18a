"""What a database can do, asked once a process."""

import functools
from collections.abc import Callable

from django.db import connection


def once_a_database(ask: Callable[[], bool]) -> Callable[[], bool]:
    """Have a question about the database asked once for each that this process is connected to."""
    answers: dict[str, bool] = {}

    @functools.wraps(ask)
    def answer() -> bool:
        database = str(connection.settings_dict["NAME"])
        if database not in answers:
            answers[database] = ask()
        return answers[database]

    return answer
