"""Which Elasticsearch the suite uses, and what it is told where there is none."""

import contextlib
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from coalition.ops.elasticsearch.bare import bare_server
from coalition.ops.elasticsearch.docker import DockerServer, docker_answers, image_have
from coalition.ops.elasticsearch.server import Server
from coalition.ops.progress import say, step
from coalition.ops.refusal import Refusal

# What an operator sets, and what the suite reads: ordinary tests must not use a server by accident.
OPERATORS = "ELASTICSEARCH_URL"
VARIABLE = "COALITION_TEST_ELASTICSEARCH_URL"
# What the suite reads, where a server is missing, as the reason to skip.
NO_ELASTICSEARCH = "COALITION_NO_ELASTICSEARCH"


@dataclass(frozen=True)
class NamedServer:
    """An operator's own, which is theirs to start and stop."""

    url: str
    variable: str

    @property
    def title(self) -> str:
        """The variable; the address may hold a password."""
        return f"the one that {self.variable} names"

    def running(self) -> AbstractContextManager[str]:
        """Give its address."""
        return contextlib.nullcontext(self.url)


def elasticsearch_have(home: Path, env: dict[str, str]) -> Server | None:
    """Return a server that can be started, or None where none can be had, and then tell the suite why.

    Args:
        home: the folder for what is made.
        env: the suite's environment, which gets the reason.

    Raises:
        Refusal: under ``CI``, none can be had.
    """
    try:
        with step("Elasticsearch") as note:
            server = server_choose(home)
            note.text = server.title
    except Refusal as refusal:
        if os.environ.get("CI"):
            raise
        say(f"{refusal} Tests of Elasticsearch are skipped.")
        env[NO_ELASTICSEARCH] = str(refusal)
        return None
    return server


def server_choose(home: Path) -> Server:
    """Return the server that the environment names, else one in Docker, else a bare one.

    Raises:
        Refusal: a tool is missing, or one failed.
    """
    for variable in (OPERATORS, VARIABLE):
        if url := os.environ.get(variable):
            return NamedServer(url, variable)
    # The server's account passes through.
    home.mkdir(mode=0o711, exist_ok=True)
    if docker_answers() and image_have():
        return DockerServer(home)
    return bare_server(home)
