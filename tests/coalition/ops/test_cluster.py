"""The embedded database starts for its users, ends with them, and mends itself after any kill."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from coalition.ops.cluster import Cluster, postmaster_pid
from coalition.ops.paths import REPOSITORY
from coalition.ops.processes import start_moment
from coalition.ops.refusal import Refusal

Wait = Callable[..., None]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="coalition-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder / "postgres"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(home: Path, venv: Path) -> Cluster:
    # Durable, because what is committed has to outlive a kill.
    return Cluster(home=home, venv=venv)


def ask(url: str, sql: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(sql).fetchone()  # type: ignore[call-overload]
        return row[0]


def keeper_pid(cluster: Cluster) -> int:
    return int((cluster.home / "keeper.lock").read_text())


def server_pid(cluster: Cluster) -> int:
    pid = postmaster_pid(cluster.data)
    assert pid is not None
    return pid


def answers(url: str) -> bool:
    try:
        return ask(url, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def test_it_runs_while_it_is_used_and_not_longer(cluster: Cluster) -> None:
    with cluster.used() as url:
        assert ask(url, "SELECT current_database()") == "coalition"
        pid = server_pid(cluster)
    assert start_moment(pid) is None
    assert not cluster.is_running


def test_the_site_is_no_superuser_and_has_the_extensions(cluster: Cluster) -> None:
    with cluster.used() as url:
        assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert ask(url, "SELECT array_agg(extname::text) @> '{vector,pg_trgm,unaccent}' FROM pg_extension") is True


def test_nobody_else_reaches_it(cluster: Cluster) -> None:
    with cluster.used() as url:
        assert ask(url, "SHOW listen_addresses") == ""
        for folder in (cluster.socket_folder, cluster.home, cluster.data):
            assert folder.stat().st_mode & 0o077 == 0, folder


def test_text_beyond_ascii_is_read_as_people_do(cluster: Cluster) -> None:
    with cluster.used() as url:
        assert ask(url, "SELECT lower('ÉÀ') || to_tsvector('simple', '“Über” – naïve')::text") == "éà'naïve':2 'über':1"


def test_what_people_wrote_does_not_come_into_its_log(cluster: Cluster) -> None:
    with cluster.used() as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TEMPORARY TABLE t (word text UNIQUE)")
        connection.execute("INSERT INTO t VALUES ('canary')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO t VALUES (%s)", ["canary"])
    assert "canary" not in cluster.log.read_text()


def test_the_last_of_two_users_turns_it_off(cluster: Cluster, home: Path, venv: Path) -> None:
    other = Cluster(home=home, venv=venv, durable=False)
    cluster.acquire()
    with other.used():
        pid = server_pid(cluster)
        cluster.release()
        assert answers(other.url)
        assert server_pid(other) == pid
    assert not other.is_running


def test_a_user_that_is_killed_counts_as_gone(cluster: Cluster, wait_until: Wait) -> None:
    with cluster.used():
        pass  # made
    code = (
        "import sys, time; from pathlib import Path; from coalition.ops.cluster import Cluster\n"
        "Cluster(home=Path(sys.argv[1]), venv=Path(sys.argv[2]), durable=False).acquire()\n"
        "print('up', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(cluster.home), str(cluster.venv)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == "up\n"
        pid = server_pid(cluster)
        user.kill()
    wait_until(lambda: not cluster.is_running and start_moment(pid) is None)


def test_a_killed_server_comes_back_with_its_data(cluster: Cluster, wait_until: Wait) -> None:
    with cluster.used() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        pid = server_pid(cluster)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: postmaster_pid(cluster.data) != pid and answers(url))
        assert ask(url, "SELECT number FROM kept") == 7


def test_a_killed_keeper_is_replaced(cluster: Cluster, wait_until: Wait) -> None:
    with cluster.used() as url:
        os.kill(keeper_pid(cluster), signal.SIGKILL)
        wait_until(lambda: not cluster.is_running)
        cluster.ensure()
        assert answers(url)
    assert not cluster.is_running


def test_after_everything_was_killed_it_starts(cluster: Cluster, wait_until: Wait) -> None:
    cluster.acquire()
    keeper, server = keeper_pid(cluster), server_pid(cluster)
    os.kill(keeper, signal.SIGKILL)
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: start_moment(server) is None)
    cluster.release()
    assert (cluster.data / "postmaster.pid").exists()
    with cluster.used() as url:
        assert answers(url)


def test_a_number_that_somebody_else_got_does_not_stop_it(cluster: Cluster) -> None:
    with cluster.used():
        text = (cluster.data / "postmaster.pid").read_text()
    stale = cluster.data / "postmaster.pid"
    stale.write_text(text.replace(text.split("\n", 1)[0], str(os.getpid()), 1))
    if cluster.account:
        os.chown(stale, cluster.account.uid, cluster.account.gid)
    with cluster.used() as url:
        assert answers(url)


def test_a_long_path_gets_a_short_socket(place: Path, venv: Path) -> None:
    cluster = Cluster(home=place / ("long" * 30), venv=venv, durable=False)
    with cluster.used() as url:
        assert answers(url)
    shutil.rmtree(cluster.socket_folder)


def test_a_half_made_cluster_is_made_anew(place: Path, venv: Path) -> None:
    cluster = Cluster(home=place / "postgres", venv=venv, durable=False)
    (cluster.home / "data.new").mkdir(parents=True)
    (cluster.home / "data.new" / "PG_VERSION").write_text("18\n")
    if cluster.account:
        os.chown(cluster.home, cluster.account.uid, cluster.account.gid)
    with cluster.used() as url:
        assert answers(url)


def test_data_of_another_major_version_is_refused(place: Path, venv: Path) -> None:
    cluster = Cluster(home=place / "postgres", venv=venv)
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(Refusal, match="PostgreSQL 9"):
        cluster.binaries()
