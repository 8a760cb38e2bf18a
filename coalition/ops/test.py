"""``python3 -m coalition test``: makes everything that the suite needs, then runs it."""

import contextlib
import os
import sys
from pathlib import Path

from coalition.ops.chromium import VARIABLE, chromium_fetch, chromium_find
from coalition.ops.cluster import Cluster
from coalition.ops.elasticsearch.choosing import OPERATORS, elasticsearch_have
from coalition.ops.elasticsearch.choosing import VARIABLE as ELASTICSEARCH
from coalition.ops.environment import TEST_LOCK, Environment, environment_ensure
from coalition.ops.locks import held
from coalition.ops.paths import REPOSITORY, Choice, DataFolder
from coalition.ops.preflight import (
    RUNNING_MEGABYTES,
    SETUP_MEGABYTES,
    data_folder_check,
    data_folder_make,
    database_url_check,
    python_check,
)
from coalition.ops.processes import run_to_end
from coalition.ops.progress import say, step
from coalition.ops.refusal import Refusal
from coalition.ops.signals import stop_signals_raise
from coalition.ops.site import translations_prepare

SETTINGS = "coalition.settings.test"
# What the suite reads, where a browser is missing, as the reason to skip.
NO_CHROMIUM = "COALITION_NO_CHROMIUM"
# The whole suite runs in two processes, each with a database of its own; a file's tests stay together, in the order
# that the suite gives them. What takes long measures and kills, and runs alone.
IN_PARALLEL = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def test(choice: Choice, *, arguments: list[str], long: bool, only_setup: bool, print_venv: bool) -> int:
    """Set up, run pytest with the arguments, and return its exit code.

    Raises:
        Refusal: something that the suite cannot do without, or under ``CI`` anything, cannot be had.
    """
    folder = choice.folder
    environment = Environment(folder.venv_test, TEST_LOCK)
    if print_venv:
        say(str(environment.root))
        return 0
    stop_signals_raise()
    python_check()
    data_folder_check(folder, megabytes=RUNNING_MEGABYTES if environment.is_in_date() else SETUP_MEGABYTES)
    if url := os.environ.get("DATABASE_URL"):
        database_url_check(url)
    if choice.remark:
        say(choice.remark)
    data_folder_make(folder)
    _folders_make(folder)
    with contextlib.ExitStack() as stack:
        if not stack.enter_context(held(folder.test / "lock", seconds=0)):
            raise Refusal(
                f"Another test run is using {folder.test}: wait for it, or give this one a folder with --data-dir."
            )
        environment_ensure(environment)
        translations_prepare()
        env = _environ(folder, environment)
        with step("encoder"):
            _encoder_make(environment, env)
        elasticsearch = elasticsearch_have(folder.test / "elasticsearch", env)
        if only_setup:
            return 0
        if elasticsearch:
            # It starts while the rest is made ready; the tests that need it wait for it.
            env[ELASTICSEARCH] = stack.enter_context(elasticsearch.running())
        _chromium_have(environment, env)
        with step("database") as note:
            if url:
                note.text = "the one that DATABASE_URL names"
            else:
                cluster = Cluster(home=folder.test / "postgres", venv=environment.root, durable=False)
                env["DATABASE_URL"] = stack.enter_context(cluster.used())
                note.text = "one of the suite's own"
        how = ["--run-long"] if long else list(IN_PARALLEL) if not arguments else []
        command = [str(environment.python), "-m", "pytest", *how, *arguments]
        sys.stdout.flush()
        code, _ = run_to_end(command, env=env, cwd=REPOSITORY)
        return code if code >= 0 else 128 - code


def _folders_make(folder: DataFolder) -> None:
    # PostgreSQL's account passes through.
    folder.test.mkdir(mode=0o711, exist_ok=True)
    (folder.test / "data").mkdir(mode=0o700, exist_ok=True)


def _environ(folder: DataFolder, environment: Environment) -> dict[str, str]:
    env = environment.environ()
    kept = {VARIABLE} | {name for name in env if name.startswith("COALITION_TEST_")}
    # A developer's own settings of a running site are none of the suite's.
    for name in [name for name in env if name.startswith("COALITION_") and name not in kept]:
        del env[name]
    for name in ("SECRET_KEY", "SECRET_KEY_FILE"):
        env.pop(name, None)
    # The suite gets the address under another name, so that it does not use an operator's server by accident. How to
    # log in there stays with the address, and is nothing to any other server.
    named = bool(env.pop(OPERATORS, ""))
    for name in [name for name in env if name.startswith("ELASTICSEARCH_") and not named]:
        del env[name]
    env["DJANGO_SETTINGS_MODULE"] = SETTINGS
    env["COALITION_DATA_DIR"] = str(folder.test / "data")
    return env


def _encoder_make(environment: Environment, env: dict[str, str]) -> None:
    """Make the encoder once; it stays between runs."""
    command = [str(environment.python), "manage.py", "prepare", "--only", "encoder"]
    code, output = run_to_end(command, env=env, cwd=REPOSITORY, quiet=True)
    if code:
        raise Refusal("The encoder could not be made: read the lines below.", details=_tail(output))


def _chromium_have(environment: Environment, env: dict[str, str]) -> None:
    reason = ""
    with step("browser") as note:
        chromium: Path | None = chromium_find()
        if chromium is None:
            chromium, reason = chromium_fetch(environment)
        note.text = str(chromium) if chromium else "none"
    if chromium:
        env[VARIABLE] = str(chromium)
        return
    sentence = f"No Chromium could be had ({reason}): install one, or name one with {VARIABLE}."
    if os.environ.get("CI"):
        raise Refusal(sentence)
    say(f"{sentence} Browser tests are skipped.")
    env[NO_CHROMIUM] = sentence
    env.pop(VARIABLE, None)


def _tail(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-12:])
