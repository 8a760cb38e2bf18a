"""A server without Docker: the one that Elasticsearch's own integration tests use, from Maven, and a plugin of ours.

It is the core alone. What our index needs beyond that, the plugin in ``tests/elasticsearch-plugin`` adds.
"""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coalition.ops.account import Account, account_for_database, can_traverse
from coalition.ops.elasticsearch.jdk import LOWEST, jdk_find
from coalition.ops.elasticsearch.server import (
    HEAP_MEGABYTES,
    SETTINGS,
    VERSION,
    child_running,
    free_port,
)
from coalition.ops.paths import REPOSITORY
from coalition.ops.processes import run_to_end
from coalition.ops.refusal import Refusal

PLUGIN = REPOSITORY / "tests" / "elasticsearch-plugin"
DESCRIPTOR = "plugin-descriptor.properties"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
SHA256 = "99b5b540c8d3a5c53cbe1e4f35c46acefff59131760ddc330a7616cd319086f1"


@dataclass(frozen=True)
class BareServer:
    """An unpacked server with its plugin, and a folder beside it for what it writes."""

    home: Path
    unpacked: Path
    jdk: Path
    account: Account | None
    heap_megabytes: int = HEAP_MEGABYTES

    @property
    def title(self) -> str:
        """The version, and that it is not whole."""
        return f"{VERSION}, the core alone"

    @contextmanager
    def running(self) -> Iterator[str]:
        """Have the server running, with no data, during the block; yields its address."""
        # A new folder each time, which a server that was killed and is still ending does not write to.
        for old in self.home.glob("run-*"):
            shutil.rmtree(old, ignore_errors=True)
        run, port = Path(tempfile.mkdtemp(prefix="run-", dir=self.home)), free_port()
        self._run_folder_fill(run, port)
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(run),
            "ES_JAVA_HOME": str(self.jdk),
            "ES_PATH_CONF": str(run / "config"),
            "ES_TMPDIR": str(run / "tmp"),
            # The second compiler pays in a server that lives long; without it this one is up in two thirds of the time.
            "ES_JAVA_OPTS": f"-Xms{self.heap_megabytes}m -Xmx{self.heap_megabytes}m -XX:TieredStopAtLevel=1",
        }
        command = ["bash", str(self.unpacked / "bin" / "elasticsearch")]
        with child_running(command, env=env, log=run / "log", account=self.account):
            yield f"http://127.0.0.1:{port}"

    def _run_folder_fill(self, run: Path, port: int) -> None:
        for name in ("data", "logs", "tmp"):
            (run / name).mkdir()
        # Copied, because the server writes a key store into it.
        shutil.copytree(self.unpacked / "config", run / "config")
        settings = SETTINGS | {
            "cluster.name": "coalition-test",
            "network.host": "127.0.0.1",
            "http.port": port,
            "transport.port": 0,
            "path.data": str(run / "data"),
            "path.logs": str(run / "logs"),
        }
        # Every JSON value is one of YAML.
        text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
        (run / "config" / "elasticsearch.yml").write_text(text, encoding="utf-8")
        if self.account:
            for path in (run, *run.rglob("*")):
                os.chown(path, self.account.uid, self.account.gid)


def bare_server(home: Path) -> BareServer:
    """Return a server that can be started; fetch, unpack and complete it where that was not done before.

    Args:
        home: a folder that exists and that nobody else uses.

    Raises:
        Refusal: a tool is missing, or one failed.
    """
    account = account_for_database()
    if os.geteuid() == 0 and account is None:
        raise Refusal("Elasticsearch refuses to run as root, and there is no other account: run as another user.")
    if not can_traverse(account, home):
        who = account.name if account else "this user"
        raise Refusal(
            f"Elasticsearch runs as {who} and cannot enter {home}: name a folder outside private ones with --data-dir."
        )
    jdk = jdk_find(account=account)
    if jdk is None:
        raise Refusal(
            f"Elasticsearch needs a JDK {LOWEST} or newer, with javac, and there is none: install one (on Debian apt "
            f"install openjdk-{LOWEST}-jdk-headless, on macOS brew install --cask temurin) or name its folder with "
            "JAVA_HOME."
        )
    unpacked = home / f"server-{_fingerprint()}"
    if not unpacked.exists():
        _make(unpacked, jdk)
    return BareServer(home, unpacked, jdk, account)


def _fingerprint() -> str:
    digest = hashlib.sha256(SHA256.encode())
    for path in (PLUGIN / DESCRIPTOR, *_plugin_sources()):
        digest.update(path.read_bytes())
    return f"{VERSION}-{digest.hexdigest()[:8]}"


def _plugin_sources() -> list[Path]:
    return sorted(PLUGIN.glob("*.java"))


def _make(unpacked: Path, jdk: Path) -> None:
    new = unpacked.parent / "new"
    # The server's account reads what is made here, whatever this shell's umask says.
    before = os.umask(0o022)
    try:
        # What was left half-made, and what an older version or plugin made.
        for old in (new, *unpacked.parent.glob("server-*")):
            shutil.rmtree(old, ignore_errors=True)
        new.mkdir()
        archive = _fetch(new)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(new)
        server = new / f"elasticsearch-{VERSION}"
        _plugin_add(server, jdk)
        # Whole or absent: the last step gives it its name.
        server.rename(unpacked)
    finally:
        os.umask(before)
        shutil.rmtree(new, ignore_errors=True)


def _fetch(folder: Path) -> Path:
    command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"]
    if shutil.which("mvn") is None:
        raise Refusal(
            "Elasticsearch is fetched with mvn, which is missing: install Maven (on Debian apt install maven, on macOS "
            "brew install maven) or Docker."
        )
    code, output = run_to_end(command, env=dict(os.environ), cwd=folder, quiet=True)
    archives = list(folder.glob("*.zip"))
    if code or not archives:
        raise Refusal(f"Elasticsearch could not be fetched with mvn, mend that or install Docker: {_error(output)}")
    with archives[0].open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
            raise Refusal(
                f"What mvn fetched as {ARTIFACT} is not what was released: remove it from Maven's local repository, "
                "look where your Maven fetches from, and start again."
            )
    return archives[0]


def _plugin_add(server: Path, jdk: Path) -> None:
    classes = server.parent / "classes"
    command = [str(jdk / "bin" / "javac"), "--release", str(LOWEST), "-cp", str(server / "lib" / "*")]
    command += ["-d", str(classes), *map(str, _plugin_sources())]
    code, output = run_to_end(command, env=dict(os.environ), cwd=server, quiet=True)
    if code:
        raise Refusal(f"The plugin in {PLUGIN} could not be compiled with {jdk}: {_error(output)}")
    folder = server / "plugins" / "coalition-tests"
    folder.mkdir()
    with zipfile.ZipFile(folder / "plugin.jar", "w") as jar:
        for path in sorted(classes.rglob("*.class")):
            jar.write(path, path.relative_to(classes))
    shutil.copy(PLUGIN / DESCRIPTOR, folder)


def _error(output: str) -> str:
    """Return the first line that both tools mark as an error, which is the one that says what is wrong."""
    lines = output.strip().splitlines() or ["no word"]
    return next((line for line in lines if "error" in line.lower()), lines[-1]).removeprefix("[ERROR] ")
