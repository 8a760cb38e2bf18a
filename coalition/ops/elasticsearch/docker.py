"""Elasticsearch's official image, where a Docker engine answers."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coalition.ops.elasticsearch.server import (
    HEAP_MEGABYTES,
    SETTINGS,
    VERSION,
    child_running,
    free_port,
)
from coalition.ops.paths import REPOSITORY
from coalition.ops.processes import run_to_end

IMAGE = f"docker.elastic.co/elasticsearch/elasticsearch:{VERSION}"


@dataclass(frozen=True)
class DockerServer:
    """A container that lives as long as the block that uses it."""

    home: Path
    heap_megabytes: int = HEAP_MEGABYTES

    @property
    def title(self) -> str:
        """The image."""
        return f"{IMAGE} in Docker"

    @property
    def name(self) -> str:
        """The container's name, by which the next run finds what a killed one has left."""
        return f"coalition-test-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]}"

    @contextmanager
    def running(self) -> Iterator[str]:
        """Have the container running during the block; yields its address."""
        self._remove()
        port = free_port()
        # Not detached: the client hands its own SIGTERM on to the container, so that both end with us.
        command = ["docker", "run", "--rm", "--pull=never", f"--name={self.name}", f"--publish=127.0.0.1:{port}:9200"]
        for name, value in SETTINGS.items():
            command += ["--env", f"{name}={str(value).lower()}"]
        command += ["--env", f"ES_JAVA_OPTS=-Xms{self.heap_megabytes}m -Xmx{self.heap_megabytes}m", IMAGE]
        try:
            with child_running(command, env=None, log=self.home / "log"):
                yield f"http://127.0.0.1:{port}"
        finally:
            self._remove()

    def _remove(self) -> None:
        # There is none in good order; the client may have been killed before it could see to that.
        subprocess.run(["docker", "rm", "--force", self.name], capture_output=True, check=False)


def docker_answers() -> bool:
    """Whether a Docker engine of this machine answers."""
    # Another machine's would publish the port on that machine's loopback.
    if not os.environ.get("DOCKER_HOST", "unix://").startswith("unix://"):
        return False
    command = ["docker", "info", "--format", "{{.ServerVersion}}"]
    try:
        answer = subprocess.run(command, capture_output=True, check=False, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def image_have() -> bool:
    """Whether the image is there, or could be fetched now."""
    for command in (["image", "inspect", IMAGE], ["pull", "--quiet", IMAGE]):
        code, _ = run_to_end(["docker", *command], env=dict(os.environ), cwd=REPOSITORY, quiet=True)
        if code == 0:
            return True
    return False
