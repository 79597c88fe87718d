"""What serving needs of a translator, and of a language identifier."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.search import Hypothesis, Term
from nmt.search.scorer import Scorer
from nmt.text.options import TextOptions
from nmt.translation import Translation


class Searched(Protocol):
    """What a search needs of a passage."""

    @property
    def ids(self) -> tuple[int, ...]: ...

    @property
    def terms(self) -> Sequence[Term]: ...


class Passage(Searched, Protocol):
    """A part of a text that is searched for by itself."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


class Draft(Protocol):
    """A text on its way: read, to be searched for passage by passage, to be put together again."""

    @property
    def passages(self) -> Sequence[Passage]: ...

    @property
    def options(self) -> SearchOptions: ...

    def second_try(self, index: int, found: Sequence[Hypothesis]) -> SearchOptions | None: ...

    def better(self, first: Sequence[Hypothesis], second: Sequence[Hypothesis]) -> Sequence[Hypothesis]: ...

    def segment_text(self, index: int, tokens: Sequence[int]) -> str: ...

    def finish(self, found: Sequence[Sequence[Hypothesis]]) -> Translation: ...


class Searching(Protocol):
    """The half of a translator that decodes."""

    @property
    def scorer(self) -> Scorer[Any]: ...

    def batch(self, passages: Sequence[Any]) -> Batch: ...

    def portable(self) -> "Portable":
        """What makes, with the weights, its like in another process; it can be pickled."""
        ...

    def weights(self) -> Sequence[NDArray[np.float32]]: ...


class Portable(Protocol):
    """A `Searching` on its way between processes, without its weights."""

    def empty_weights(self) -> Sequence[NDArray[np.float32]]: ...

    def unpacked(self, weights: Sequence[Any]) -> Searching: ...


class Translating(Searching, Protocol):
    """A model that is ready. Drafts are made and finished on other threads than the one that decodes."""

    @property
    def name(self) -> str: ...

    @property
    def directions(self) -> Sequence[Direction]: ...

    def draft(
        self, text: str, direction: Direction, options: SearchOptions = ..., text_options: TextOptions = ...
    ) -> Draft: ...


class Detected(Protocol):
    """A language and how likely it is, in [0, 1]."""

    @property
    def language(self) -> str: ...

    @property
    def confidence(self) -> float: ...


class Identifying(Protocol):
    """Says which language each text is in; best first, `most` of them."""

    @property
    def labels(self) -> Sequence[str]: ...

    def identify_batch(
        self, texts: Sequence[str], among: Collection[str] | None = None, *, most: int = ...
    ) -> Sequence[Sequence[Detected]]: ...
