"""The keyring and the pepper: what they are read from, and what is refused."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from coalition.intake.keys import keyed, keyring, keys_file, pepper


def key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "keys"
    settings.INTAKE_KEYS, settings.INTAKE_KEYS_FILE = [], str(path)
    return path


def test_keys_are_read_in_their_order_without_empty_lines(file: Path) -> None:
    new, old = key(), key()
    file.write_text(f"\n  {new}\n\n{old} \n\n", encoding="ascii")
    assert keyring().keys == (new, old)
    assert [
        each.decrypt(Fernet(name).encrypt(b"a")) for each, name in zip(keyring().fernets, (new, old), strict=True)
    ] == [
        b"a",
        b"a",
    ]
    assert keys_file() == file
    assert Fernet(new).decrypt(keyring().all.encrypt(b"sealed")) == b"sealed"
    assert keyring().all.decrypt(Fernet(old).encrypt(b"before")) == b"before"


def test_the_file_is_read_again_when_it_changes(file: Path) -> None:
    first, second, third = key(), key(), key()
    file.write_text(first, encoding="ascii")
    assert keyring().keys == (first,)
    assert keyring() is keyring()
    # As long as before, and put there as rotation does it: another file under the same name.
    beside = file.with_name("beside")
    beside.write_text(second, encoding="ascii")
    beside.replace(file)
    assert keyring().keys == (second,)
    file.write_text(f"{third}\n{second}", encoding="ascii")
    assert keyring().keys == (third, second)


def test_settings_go_before_the_file(file: Path, settings: Any) -> None:
    file.write_text(key(), encoding="ascii")
    named = key()
    settings.INTAKE_KEYS = [named]
    assert keyring().keys == (named,)


@pytest.mark.parametrize("text", ["", "\n \n", "short", "x" * 44, f"{'A' * 43}=\nshort"])
def test_what_is_no_list_of_keys_is_refused_without_repeating_it(file: Path, text: str) -> None:
    file.write_text(text, encoding="ascii")
    with pytest.raises(ImproperlyConfigured) as refused:
        keyring()
    assert not text.strip() or text.split()[-1] not in str(refused.value)


def test_a_key_that_is_there_twice_is_refused(file: Path) -> None:
    twice = key()
    file.write_text(f"{twice}\n{key()}\n{twice}\n", encoding="ascii")
    with pytest.raises(ImproperlyConfigured, match="twice"):
        keyring()


def test_no_file_and_no_name_are_refused(file: Path, settings: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        keyring()
    settings.INTAKE_KEYS_FILE = ""
    with pytest.raises(ImproperlyConfigured, match="name a file"):
        keys_file()
    with pytest.raises(ImproperlyConfigured, match="name a file"):
        keyring()


def test_what_a_key_is_called_aloud_is_no_part_of_it(settings: Any) -> None:
    settings.INTAKE_KEYS = [key(), key()]
    expected = [hashlib.sha256(f"coalition.intake.key{each}".encode()).hexdigest()[:8] for each in settings.INTAKE_KEYS]
    assert keyring().names() == expected


@pytest.fixture
def no_pepper(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "pepper"
    settings.INTAKE_PEPPER, settings.INTAKE_PEPPER_FILE = "", str(path)
    return path


def test_the_pepper_is_read_from_its_file_without_what_stands_around_it(no_pepper: Path, settings: Any) -> None:
    no_pepper.write_text(f"  {'p' * 32}\n", encoding="ascii")
    assert pepper() == b"p" * 32
    before = keyed("a", b"b")
    settings.INTAKE_PEPPER = "named"
    assert pepper() == b"named"
    assert keyed("a", b"b") != before


def test_a_pepper_that_is_short_missing_or_not_named_is_refused(no_pepper: Path, settings: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        pepper()
    no_pepper.write_text("p" * 31 + " ", encoding="ascii")
    with pytest.raises(ImproperlyConfigured, match="shorter"):
        pepper()
    settings.INTAKE_PEPPER_FILE = ""
    with pytest.raises(ImproperlyConfigured, match="name a file"):
        keyed("a", b"b")
