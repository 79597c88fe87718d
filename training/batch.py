"""Examples as pieces, and a batch of them as padded matrices."""

# B examples of a batch, S source tokens, T target tokens, L the longest row

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nmt.batch import Batch
from nmt.vocabulary import BOS, EOS, PAD

Ids = NDArray[np.integer[Any]]


class Example(NamedTuple):
    """The pieces of a source and of its target, without special ids, and the tag of the target language, if any."""

    source: Ids
    target: Ids
    tag: int | None


@dataclass(frozen=True)
class TrainingBatch:
    """Sources, and their targets twice: as the decoder reads them (BOS first) and as it must answer (EOS last).

    Both are PAD behind the last token. `target_tokens` counts the real ones; `describe()` says where they come from.
    `links_BT`, where there are some, says which source token each token of `target_out_BT` translates (UNLINKED: none
    is known).
    """

    source: Batch
    target_in_BT: Tensor
    target_out_BT: Tensor
    target_tokens: int
    describe: Callable[[], str] = str
    links_BT: Tensor | None = None

    @property
    def target_mask_BT(self) -> Tensor:
        """True where a real target token stands."""
        return self.target_out_BT != PAD

    def twice(self) -> Self:
        """Every example again, behind the last one."""
        source = Batch(_doubled(self.source.tokens_BS), _doubled(self.source.lengths_B))
        targets = _doubled(self.target_in_BT), _doubled(self.target_out_BT)
        links_BT = None if self.links_BT is None else _doubled(self.links_BT)
        return type(self)(source, *targets, 2 * self.target_tokens, self.describe, links_BT)

    def to(self, device: torch.device | str) -> Self:
        targets = self.target_in_BT.to(device), self.target_out_BT.to(device)
        links_BT = None if self.links_BT is None else self.links_BT.to(device)
        return type(self)(self.source.to(device), *targets, self.target_tokens, self.describe, links_BT)


def pad(examples: Sequence[Example], describe: Callable[[], str] = str) -> TrainingBatch:
    """Examples, at least one, as one batch. A source is `[tag] pieces EOS`, a target `pieces EOS`."""
    sources, targets, tags = zip(*examples, strict=True)
    tags_B = np.array([PAD if tag is None else tag for tag in tags])
    tagged_B = tags_B != PAD
    source_BS, source_lengths_B = _padded(sources, tagged_B.astype(np.int64))
    source_BS[tagged_B, 0] = tags_B[tagged_B]
    out_BT, target_lengths_B = _padded(targets, np.zeros(len(targets), np.int64))
    in_BT = np.empty_like(out_BT)
    in_BT[:, 0], in_BT[:, 1:] = BOS, np.where(out_BT[:, 1:] == PAD, PAD, out_BT[:, :-1])
    source = Batch(torch.from_numpy(source_BS), torch.from_numpy(source_lengths_B))
    both = torch.from_numpy(in_BT), torch.from_numpy(out_BT)
    return TrainingBatch(source, *both, int(target_lengths_B.sum()), describe)


def _padded(pieces: Sequence[Ids], first_B: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows with pieces from column `first_B` on, EOS behind them, then PAD; and their lengths, EOS counted."""
    end_B = first_B + np.fromiter(map(len, pieces), np.int64, len(pieces))
    columns_L = np.arange(end_B.max() + 1)
    matrix_BL = np.full((len(pieces), len(columns_L)), PAD, np.int64)
    matrix_BL[(columns_L >= first_B[:, None]) & (columns_L < end_B[:, None])] = np.concatenate(pieces)
    matrix_BL[np.arange(len(pieces)), end_B] = EOS
    return matrix_BL, end_B + 1


def _doubled(rows: Tensor) -> Tensor:
    return torch.cat([rows, rows])
