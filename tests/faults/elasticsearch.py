"""An Elasticsearch that is killed and started again, at the same address and with what it had."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from coalition.ops.account import account_for_database
from coalition.ops.elasticsearch.bare import BareServer, bare_server
from coalition.ops.elasticsearch.choosing import NO_ELASTICSEARCH
from coalition.ops.elasticsearch.jdk import jdk_find
from coalition.ops.elasticsearch.server import child_running, free_port

_JAVA = "org.elasticsearch.server"


def elasticsearch_make(home: Path) -> "KilledElasticsearch":
    """Return a server of the test's own; skip the test where none can be had.

    Only one that runs without Docker: its process is there to be killed, and its data stay in a folder.
    """
    if reason := os.environ.get(NO_ELASTICSEARCH):
        pytest.skip(reason)
    if shutil.which("mvn") is None or jdk_find(account=account_for_database()) is None:
        pytest.skip("needs mvn and a JDK, for an Elasticsearch that can be killed")
    home.mkdir(mode=0o711)
    return KilledElasticsearch(bare_server(home))


class KilledElasticsearch:
    """A server with a folder and a port that it keeps."""

    def __init__(self, server: BareServer) -> None:
        self._server, self._folder, port = server, server.home / "run", free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._running = contextlib.ExitStack()
        self._folder.mkdir()
        server._run_folder_fill(self._folder, port)

    def start(self) -> None:
        """Start it, with the data it had when it was killed; it answers later."""
        memory = f"{self._server.heap_megabytes}m"
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(self._folder),
            "ES_JAVA_HOME": str(self._server.jdk),
            "ES_PATH_CONF": str(self._folder / "config"),
            "ES_TMPDIR": str(self._folder / "tmp"),
            "ES_JAVA_OPTS": f"-Xms{memory} -Xmx{memory}",
        }
        command = ["bash", str(self._server.unpacked / "bin" / "elasticsearch")]
        child = child_running(command, env=env, log=self._folder / "log", account=self._server.account)
        self._running.enter_context(child)

    def kill(self) -> None:
        """Kill the server itself, as a machine that is out of memory does; what had started it then ends as well."""
        pids = self._pids()
        assert len(pids) == 1, f"{len(pids)} servers run"
        os.kill(pids[0], signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """End it, if it runs."""
        self._running.close()

    def wait(self, *, seconds: float = 180) -> None:
        """Wait until it answers and has all of its indexes."""
        end = time.monotonic() + seconds
        while not self._is_complete():
            assert time.monotonic() < end, f"{self.url} does not answer: {(self._folder / 'log').read_text()[-2000:]}"
            time.sleep(0.2)

    def _is_complete(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=5):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except OSError:
            return False

    def _pids(self) -> list[int]:
        answer = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True)
        lines = [line.split(None, 1) for line in answer.stdout.splitlines()]
        return [int(pid) for pid, args in lines if str(self._server.home) in args and _JAVA in args]
