"""The suite's Elasticsearch: which one it is, that it is made whole, and that it never stays behind."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import elasticsearch
import pytest

from coalition.ops.account import account_for_database
from coalition.ops.elasticsearch.bare import DESCRIPTOR, PLUGIN, bare_server
from coalition.ops.elasticsearch.choosing import (
    NO_ELASTICSEARCH,
    OPERATORS,
    VARIABLE,
    elasticsearch_have,
    server_choose,
)
from coalition.ops.elasticsearch.docker import IMAGE, DockerServer
from coalition.ops.elasticsearch.jdk import jdk_find
from coalition.ops.elasticsearch.server import VERSION
from coalition.ops.paths import REPOSITORY
from coalition.ops.refusal import Refusal

Wait = Callable[..., None]

RUNNER = """
import sys, time
from pathlib import Path
from coalition.ops.elasticsearch.bare import bare_server
with bare_server(Path(sys.argv[1])).running() as url:
    print(url, flush=True)
    time.sleep(600)
"""
DOCKER = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  info) exit {answers} ;;
  run) exec sleep 600 ;;
esac
"""


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def jdk(home: Path, says: str, *, compiler: str | None = "exit 1") -> Path:
    program(home / "bin" / "java", f"#!/bin/sh\n{says}\n")
    if compiler:
        program(home / "bin" / "javac", f"#!/bin/sh\n{compiler}\n")
    return home


def java(version: str) -> str:
    return f"""echo 'Picked up JAVA_TOOL_OPTIONS: -Dx="1"' >&2; echo 'openjdk version "{version}" 2025-01-21' >&2"""


@pytest.fixture
def nothing_here(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no program on the path and a JDK in the environment; returns the folder on the path."""
    folder = place / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("JAVA_HOME", str(jdk(place / "jdk", java("25.0.1"))))
    for name in (OPERATORS, VARIABLE, "DOCKER_HOST", "CI"):
        monkeypatch.delenv(name, raising=False)
    return folder


@contextlib.contextmanager
def runner(home: Path, env: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has a server running, or soon to run; it prints the address, and is killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(home)], env=env, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """The folder of a server that the tests share, because making one takes seconds."""
    folder = Path(tempfile.mkdtemp(prefix="coalition-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tools() -> None:
    """What a server is made with."""
    if shutil.which("mvn") is None or jdk_find(account=account_for_database()) is None:
        pytest.skip("needs mvn and a JDK")


def processes(place: Path) -> list[str]:
    """Every process that has the folder in its command line."""
    answer = subprocess.run(["ps", "-ww", "-eo", "args="], capture_output=True, text=True, check=True)
    return [line for line in answer.stdout.splitlines() if str(place) in line]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health", timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        raise
    except OSError:
        return False


# --- Java ---


def test_the_first_java_that_is_new_enough_and_compiles_is_taken(tmp_path: Path) -> None:
    unfit = [
        tmp_path / "missing",
        jdk(tmp_path / "broken", "exit 1"),
        jdk(tmp_path / "dumb", "echo 21"),
        jdk(tmp_path / "ancient", java("1.8.0_392")),
        jdk(tmp_path / "old", java("17.0.9")),
        jdk(tmp_path / "runtime", java("25.0.1"), compiler=None),
    ]
    assert jdk_find(unfit) is None
    fit = [jdk(tmp_path / "fit", java("21.0.2")), jdk(tmp_path / "later", java("25"))]
    assert jdk_find([*unfit, *fit]) == fit[0]


def test_a_java_that_the_servers_account_cannot_enter_is_not_taken(place: Path) -> None:
    account = account_for_database()
    if account is None:
        pytest.skip("there is no other account")
    home = jdk(place / "jdk", java("21"))
    assert jdk_find([home], account=account) == home
    home.chmod(0o700)
    assert jdk_find([home], account=account) is None


def test_the_java_that_the_environment_names_comes_first(nothing_here: Path) -> None:
    assert jdk_find() == Path(os.environ["JAVA_HOME"])


# --- which server ---


@pytest.mark.usefixtures("nothing_here")
def test_an_operators_server_is_used_and_its_password_not_shown(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPERATORS, "https://elastic:secret@search.example")
    server = server_choose(place / "elasticsearch")
    assert "secret" not in server.title
    with server.running() as url:
        assert url == "https://elastic:secret@search.example"
    assert not (place / "elasticsearch").exists()


def test_without_a_tool_tests_are_skipped_and_under_ci_it_is_refused(
    place: Path, nothing_here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env: dict[str, str] = {}
    assert elasticsearch_have(place / "elasticsearch", env) is None
    assert "install Maven" in env[NO_ELASTICSEARCH]
    assert len(env[NO_ELASTICSEARCH].splitlines()) == 1
    assert env[NO_ELASTICSEARCH] in capsys.readouterr().out
    # A tool that is there and fails is quoted.
    program(nothing_here / "mvn", "#!/bin/sh\necho '[WARNING] old'; echo '[ERROR] no route to host'; exit 1\n")
    assert elasticsearch_have(place / "elasticsearch", env) is None
    assert env[NO_ELASTICSEARCH].endswith(": no route to host")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Refusal, match="no route to host"):
        elasticsearch_have(place / "elasticsearch", env)
    assert list((place / "elasticsearch").iterdir()) == []


def test_where_docker_answers_its_container_lives_as_long_as_the_block(
    place: Path, nothing_here: Path, wait_until: Wait
) -> None:
    log = place / "docker.log"
    for name in ("sleep", "ps"):
        (nothing_here / name).symlink_to(shutil.which(name, path=os.defpath) or pytest.fail(name))
    program(nothing_here / "docker", DOCKER.format(log=log, answers=0))
    server = server_choose(place / "elasticsearch")
    assert isinstance(server, DockerServer)
    with server.running() as url:
        wait_until(lambda: "\nrun " in log.read_text())
        run = next(line for line in log.read_text().splitlines() if line.startswith("run "))
        assert f"--publish={url.removeprefix('http://')}:9200 " in run
        assert "--rm " in run
        assert run.endswith(IMAGE)
    assert log.read_text().splitlines()[-1] == f"rm --force {server.name}"
    assert not any("elasticsearch.keeper" in line and server.name in line for line in processes(place))


def test_a_docker_that_does_not_answer_or_is_elsewhere_is_not_used(
    place: Path, nothing_here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = place / "docker.log"
    program(nothing_here / "docker", DOCKER.format(log=log, answers=1))
    with pytest.raises(Refusal, match="mvn"):
        server_choose(place / "elasticsearch")
    program(nothing_here / "docker", DOCKER.format(log=log, answers=0))
    monkeypatch.setenv("DOCKER_HOST", "tcp://docker.example:2376")
    with pytest.raises(Refusal, match="mvn"):
        server_choose(place / "elasticsearch")


def test_what_names_a_version_names_the_same() -> None:
    assert f"elasticsearch.version={VERSION}\n" in (PLUGIN / DESCRIPTOR).read_text()
    assert f"image: {IMAGE}\n" in (REPOSITORY / "compose.yaml").read_text()


# --- a server of our own ---


@pytest.mark.usefixtures("tools")
def test_a_half_made_server_is_made_anew_and_a_whole_one_kept(home: Path) -> None:
    for left in (f"new/elasticsearch-{VERSION}/lib", "server-of-old"):
        (home / left).mkdir(parents=True)
    unpacked = bare_server(home).unpacked
    assert list(home.iterdir()) == [unpacked]
    assert (unpacked / "plugins" / "coalition-tests" / "plugin.jar").exists()
    made = unpacked.stat()
    assert bare_server(home).unpacked.stat() == made


@pytest.mark.usefixtures("tools")
def test_a_runner_killed_during_the_start_leaves_nothing(
    home: Path, plain_environ: dict[str, str], wait_until: Wait
) -> None:
    with runner(home, plain_environ):
        # The launcher has started the server, which takes no orders yet.
        wait_until(lambda: any("org.elasticsearch.server" in line for line in processes(home)), seconds=60)
    wait_until(lambda: processes(home) == [])


@pytest.mark.long
@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_runner_killed_while_the_server_runs_leaves_nothing(
    home: Path, plain_environ: dict[str, str], wait_until: Wait, number: signal.Signals
) -> None:
    with runner(home, plain_environ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        wait_until(lambda: answers(url), seconds=180)
        process.send_signal(number)
        process.wait()
    wait_until(lambda: processes(home) == [])
    assert not answers(url)


@pytest.mark.long
@pytest.mark.usefixtures("tools")
def test_a_compiler_that_fails_is_quoted_and_nothing_is_left(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = jdk_find(account=account_for_database())
    # Maven runs with the same Java.
    faulty = jdk(place / "jdk", f'exec "{real}/bin/java" "$@"', compiler="echo 'error: too old'; exit 1")
    monkeypatch.setenv("JAVA_HOME", str(faulty))
    with pytest.raises(Refusal, match=r"compiled with .*: error: too old"):
        bare_server(place)
    assert list(place.iterdir()) == [faulty]


# --- the one that runs beside this suite ---


def test_the_suites_server_has_what_our_index_uses(wait_until: Wait) -> None:
    url = os.environ.get(VARIABLE)
    if not url:
        pytest.skip(os.environ.get(NO_ELASTICSEARCH, "python3 -m coalition test starts one"))
    assert OPERATORS not in os.environ
    with elasticsearch.Elasticsearch(url) as client:

        def green() -> bool:
            try:
                return not client.cluster.health()["timed_out"]
            except elasticsearch.ConnectionError:
                return False

        wait_until(green, seconds=180)
        tokens = client.indices.analyze(
            tokenizer="whitespace", filter=[{"type": "stop", "stopwords": ["of"]}], text="hall of E-42 Ü"
        )["tokens"]
    assert [(token["token"], token["position"]) for token in tokens] == [("hall", 0), ("E-42", 2), ("Ü", 3)]
