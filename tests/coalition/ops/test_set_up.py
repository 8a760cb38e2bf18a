"""Keys, paths, locks and environments."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from coalition.ops import environment as environment_module
from coalition.ops import paths
from coalition.ops.account import Account
from coalition.ops.environment import RUN_LOCK, TEST_LOCK, Environment, Unreachable, environment_ensure
from coalition.ops.files import text_replace
from coalition.ops.locks import FileLock, held, is_held
from coalition.ops.paths import data_folder_choose
from coalition.ops.refusal import Refusal
from coalition.ops.secrets import keys_make, keys_open_to_others
from coalition.ops.site import public_url_of

# --- keys ---


def test_keys_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert keys_make(folder) == ["secret_key", "intake_keys", "intake_pepper"]
    key = (folder / "secret_key").read_text()
    assert len(key.strip()) >= 50
    (folder / "secret_key").chmod(0o644)
    assert keys_open_to_others(folder) == [folder / "secret_key"]
    assert keys_make(folder) == []
    assert (folder / "secret_key").read_text() == key
    assert keys_open_to_others(folder) == []


# --- paths ---


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "account_for_database", lambda: Account("nobody", 65534, 65534))


def test_the_option_comes_before_the_variable_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "account_for_database", lambda: None)
    env = {"COALITION_DATA_DIR": "/from/variable"}
    assert data_folder_choose(option="/from/option", environ=env).folder.root == Path("/from/option")
    assert data_folder_choose(option=None, environ=env).folder.root == Path("/from/variable")
    assert data_folder_choose(option=None, environ={}).folder.root == paths.REPOSITORY / "var"


@pytest.mark.usefixtures("nobody")
def test_a_clone_that_the_databases_account_cannot_enter_keeps_its_data_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paths, "can_traverse", lambda account, path: False)
    choice = data_folder_choose(option=None, environ={})
    assert choice.folder.root.parent == Path("/var/lib/coalition")
    assert "nobody" in choice.remark
    with pytest.raises(Refusal, match="nobody"):
        data_folder_choose(option="/tmp", environ={})


@pytest.mark.usefixtures("nobody")
def test_with_a_database_of_ones_own_any_clone_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "can_traverse", lambda account, path: False)
    choice = data_folder_choose(option=None, environ={"DATABASE_URL": "postgresql://h/x"})
    assert choice.folder.root == paths.REPOSITORY / "var"


def test_what_people_type_to_reach_an_address() -> None:
    assert public_url_of(host="127.0.0.1", port=8000) == "http://127.0.0.1:8000"
    assert public_url_of(host="::1", port=8000) == "http://[::1]:8000"
    assert "0.0.0.0" not in public_url_of(host="0.0.0.0", port=8000)


# --- locks and files ---


def test_a_lock_is_held_by_one_and_free_after(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    with held(path, seconds=0) as mine, held(path, seconds=0) as also:
        assert mine
        assert not also
        assert is_held(path)
    assert not is_held(path)


def test_a_shared_lock_is_shared(tmp_path: Path) -> None:
    one, two = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.take(shared=True)
    assert two.take(shared=True)
    assert not two.take()
    one.close()
    assert two.take()
    two.close()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    text_replace(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        text_replace(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


# --- environments: the real thing is built by the long test of run ---


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    lock = tmp_path / "lock.txt"
    lock.write_text(
        "# comment\n"
        "other==1 \\\n    --hash=sha256:a\n"
        "uv==2.0 ; x == 'y' \\\n    --hash=sha256:b \\\n    --hash=sha256:c\n    # via\n"
        "z==1\n"
    )
    return Environment(tmp_path / "venv", lock)


def test_the_stamp_follows_the_lock(environment: Environment) -> None:
    assert not environment.is_in_date()
    environment.python.parent.mkdir(parents=True)
    environment.python.symlink_to(sys.executable)
    environment.stamp.write_text(environment.fingerprint())
    assert environment.is_in_date()
    environment.lock.write_text("uv==3.0\n")
    assert not environment.is_in_date()


def test_the_installer_is_taken_from_the_lock_with_its_hashes(environment: Environment) -> None:
    entry = environment_module._entry(environment.lock, "uv")
    assert entry == "uv==2.0 ; x == 'y' \\\n    --hash=sha256:b \\\n    --hash=sha256:c\n"


@pytest.mark.parametrize("lock", [RUN_LOCK, TEST_LOCK])
def test_both_locks_name_the_installer_and_hash_everything(lock: Path) -> None:
    entry = environment_module._entry(lock, "uv")
    assert entry.count("--hash=sha256:") > 1
    names = environment_module._names(lock)
    text = lock.read_text()
    assert all("--hash=sha256:" in environment_module._entry(lock, name) for name in names)
    assert "torch==" not in text


def _installer_says(monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    monkeypatch.setattr(environment_module, "run_to_end", lambda *args, **options: (1, output))


def test_no_network_takes_away_what_was_begun(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    _installer_says(monkeypatch, "NewConnectionError: Temporary failure in name resolution")
    with pytest.raises(Unreachable, match="internet"):
        environment_ensure(environment)
    assert not environment.root.exists()


def test_no_network_keeps_what_served_before(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    environment.root.mkdir()
    environment.stamp.write_text("older")
    monkeypatch.setattr(environment_module, "_python_works", lambda environment: True)
    _installer_says(monkeypatch, "error: Failed to fetch: dns error")
    with pytest.raises(Unreachable):
        environment_ensure(environment)
    assert environment.stamp.read_text() == "older"


def test_a_full_disk_is_said_and_freed(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    _installer_says(monkeypatch, "cause: No space left on device (os error 28)")
    with pytest.raises(Refusal, match="disk is full"):
        environment_ensure(environment)
    assert not environment.root.exists()


def test_an_interrupted_one_is_begun_anew(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    (environment.root / "half").mkdir(parents=True)
    monkeypatch.setattr(environment_module, "_make", lambda environment: environment.root.mkdir())
    monkeypatch.setattr(environment_module, "_sync", lambda environment: None)
    environment_ensure(environment)
    assert not (environment.root / "half").exists()
    assert environment.stamp.read_text().strip() == environment.fingerprint()


def test_the_fingerprint_is_of_the_whole_lock(environment: Environment) -> None:
    before = environment.fingerprint()
    environment.lock.write_text(environment.lock.read_text() + "# more\n")
    assert environment.fingerprint() != before
    assert len(before) == hashlib.sha256().digest_size * 2


def test_its_programs_come_first(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    env = environment.environ()
    assert env["PATH"].startswith(str(environment.root / "bin"))
    assert "PYTHONPATH" not in env
