"""What the site asks of any model that turns text into vectors."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]
"""Float32 of shape (n, dimensions), every row of length 1: a dot product of two rows is their cosine."""


class EncoderUnavailable(Exception):  # noqa: N818 (a state of the site, not an error in it)
    """The encoder cannot be had here. The message is one sentence for an operator: what is wrong and what to do."""


class Encoder(Protocol):
    """A loaded model. Implementations can be called from several threads at once."""

    @property
    def name(self) -> str:
        """Model and version, such as ``all-minilm-l6-v2-int8-2``. Vectors are comparable only under the same name."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of one vector."""
        ...

    @property
    def languages(self) -> frozenset[str] | None:
        """Codes of the languages that it has learned; None for any. Of others its vectors mean next to nothing."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts of any number and length.

        Args:
            texts: plain text; what lies beyond the model's window is left out. An empty text has a vector like any
                other, one that means nothing: callers leave empty texts out.

        Returns:
            Unit vectors in the order of ``texts``; shape (0, dimensions) for none. A text's vector does not depend
            on what it is encoded together with (beyond rounding: 1e-3 in any component).
        """
        ...
