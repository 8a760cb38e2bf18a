"""The door to the encoder: what the settings choose, what happens without one, and threads and forks."""

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from search import embeddings
from search.embeddings import EncoderUnavailable, embed, encoder, encoder_status, prepare_encoder

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the encoder has been prepared, as set-up does it."""
    from search.encoders import minilm

    folder = tmp_path_factory.mktemp("encoder")
    minilm.prepare(folder)
    return folder


@pytest.fixture
def ready(settings: Settings, prepared: Path) -> Settings:
    settings.ENCODER, settings.ENCODER_DIR = "minilm", prepared
    return settings


@pytest.fixture
def unprepared(settings: Settings, tmp_path: Path) -> Settings:
    settings.ENCODER, settings.ENCODER_DIR = "minilm", tmp_path / "encoder"
    return settings


def test_texts_become_vectors(ready: Settings) -> None:
    vectors = embed(["Software sets my wage.", "An algorithm decides what I earn.", "The picnic is on Sunday."])
    assert vectors is not None
    assert vectors.shape == (3, 384)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_the_encoder_is_loaded_once(ready: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: encoder(), range(32)))
    assert found[0] is not None
    assert {id(each) for each in found} == {id(found[0])}


def test_threads_share_the_encoder_and_get_their_own_vectors(ready: Settings) -> None:
    shared = encoder()
    assert shared is not None
    texts = [[f"Worker {number} was paced by a machine."] for number in range(24)]
    expected = np.vstack([shared.encode(text) for text in texts])
    with ThreadPoolExecutor(8) as pool:
        found = np.vstack(list(pool.map(shared.encode, texts)))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_forked_process_loads_its_own(prepared: Path) -> None:
    # gunicorn --preload: the parent has used the encoder, and its threads do not exist in the child.
    ran = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",  # Python 3.12 warns of any fork beside threads, which is the case on trial.
            "-c",
            "import os, sys\n"
            "from django.conf import settings\n"
            "settings.configure(ENCODER_DIR=sys.argv[1])\n"
            "from search.embeddings import embed, encoder\n"
            "before, parents = embed(['Hello.']), encoder()\n"
            "child = os.fork()\n"
            "same = abs(embed(['Hello.']) - before).max() < 1e-5 and (encoder() is parents) == bool(child)\n"
            "if not child:\n"
            "    sys.exit(0 if same else 3)\n"
            "print(same, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n",
            prepared,
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("True 0\n", "")


def test_turned_off_there_is_no_encoder_and_that_is_as_configured(
    ready: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ready.ENCODER = "none"
    off = "The encoder is turned off (COALITION_ENCODER=none): stories are matched by words and concepts."
    assert encoder() is None
    assert embed(["Hello."]) is None
    assert encoder_status() == (True, off)
    assert prepare_encoder() == off
    assert caplog.records == []


def test_without_set_up_the_cause_is_logged_once(
    unprepared: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "RETRY_SECONDS", 0.0)
    cause = f"No encoder has been prepared in {unprepared.ENCODER_DIR}."
    with caplog.at_level(logging.WARNING, logger="search.embeddings"):
        assert [embed(["Hello."]) for _ in range(3)] == [None, None, None]
    assert caplog.messages == [f"Stories are matched by words and concepts only. {cause}"]
    assert encoder_status() == (False, cause)


def test_a_failure_is_believed_for_a_while_and_then_tried_again(
    unprepared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert encoder() is None
    prepare_encoder()
    assert encoder() is None
    monkeypatch.setattr(embeddings, "RETRY_SECONDS", 0.0)
    assert encoder() is not None


def test_preparing_says_what_it_did(unprepared: Settings) -> None:
    name, root = "all-minilm-l6-v2-int8-2", unprepared.ENCODER_DIR
    assert prepare_encoder() == f"The encoder {name} was made in {root}."
    assert prepare_encoder() == f"The encoder {name} is already in {root}."


def test_status_tries_the_encoder_out(ready: Settings) -> None:
    works, sentence = encoder_status()
    assert works
    assert sentence.startswith("The encoder all-minilm-l6-v2-int8-2 works (")


def test_an_unknown_encoder_is_named(ready: Settings) -> None:
    ready.ENCODER = "gpt"
    cause = "There is no encoder called 'gpt': set COALITION_ENCODER to minilm, multilingual or none."
    assert encoder() is None
    assert encoder_status() == (False, cause)
    with pytest.raises(EncoderUnavailable) as raised:
        prepare_encoder()
    assert str(raised.value) == cause
