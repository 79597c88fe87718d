"""Links of a batch stand where the model reads: behind the tag, EOS with EOS, none on padding."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nmt.tokenizer import SentencePieceTokenizer
from nmt.vocabulary import EOS, PAD
from training.alignment import UNLINKED
from training.config import DataConfig
from training.corpus import ParallelCorpus, load_corpus
from training.guidance import Guidance
from training.objective import guided_alignment_loss

LINES = ["A dog.", "A cat runs.", "A dog runs.", "A cat.", "Two dogs sleep here."] * 4


@pytest.mark.parametrize("directions", [("en-de",), ("en-de", "de-en")])
def test_equal_sides_are_linked_piece_by_piece(
    tmp_path: Path, tokenizer: SentencePieceTokenizer, directions: tuple[str, ...]
) -> None:
    for language in ("en", "de"):
        (tmp_path / f"t.{language}").write_text("".join(f"{line}\n" for line in LINES))
    files = {"en": "t.en", "de": "t.de"}
    data = DataConfig(folder=str(tmp_path), directions=directions, train=(files,), validation=files)
    corpus, _ = load_corpus(data, data.corpora, tokenizer)
    indices = np.arange(len(corpus))
    batch, links_BT = corpus.batch(indices), Guidance(corpus, tokenizer.size).links(corpus.examples(indices))
    assert links_BT.shape == batch.target_out_BT.shape
    linked_BT = links_BT != UNLINKED
    assert not linked_BT[batch.target_out_BT == PAD].any()
    assert linked_BT[batch.target_out_BT == EOS].all()
    looked_at_BT = batch.source.tokens_BS.gather(1, links_BT.clamp(min=0))
    assert linked_BT[batch.target_mask_BT].float().mean() > 0.8
    assert (looked_at_BT == batch.target_out_BT)[linked_BT].all()


def test_the_loss_is_that_of_the_linked_tokens() -> None:
    weights_BTS = torch.tensor([[[0.5, 0.5], [0.1, 0.9]], [[1.0, 0.0], [0.25, 0.75]]])
    links_BT = torch.tensor([[0, UNLINKED], [UNLINKED, 1]])
    torch.testing.assert_close(guided_alignment_loss(weights_BTS, links_BT), -torch.tensor([0.5, 0.75]).log().sum())
    assert guided_alignment_loss(weights_BTS, torch.full((2, 2), UNLINKED)) == 0
    assert guided_alignment_loss(torch.tensor([[[0.0, 1.0]]]), torch.tensor([[0]])).isfinite()


def test_what_is_learnt_from_is_bounded_in_pairs(
    tmp_path: Path, tokenizer: SentencePieceTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language in ("en", "de"):
        (tmp_path / f"t.{language}").write_text("".join(f"{line}\n" for line in LINES))
    files = {"en": "t.en", "de": "t.de"}
    data = DataConfig(folder=str(tmp_path), directions=("en-de",), train=(files,), validation=files)
    corpus, _ = load_corpus(data, data.corpora, tokenizer)
    read, examples = [], ParallelCorpus.examples
    monkeypatch.setattr(
        ParallelCorpus, "examples", lambda self, indices: read.append(indices) or examples(self, indices)
    )
    pairs = int(np.multiply(*corpus.lengths(np.arange(len(corpus)))).sum())
    monkeypatch.setattr("training.guidance.LEARNT_FROM_PAIRS", pairs // 2)
    Guidance(corpus, tokenizer.size)
    assert np.array_equal(read.pop(), np.arange(0, len(corpus), 2))
