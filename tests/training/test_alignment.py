"""Laws of the aligner: a word-by-word language is found out, links stay in their example, chunks change nothing."""

import numpy as np
import pytest

import training.alignment
from training.alignment import UNLINKED, Aligner, Side

WORDS, EXAMPLES = 30, 300


def side_of(lines: list[list[int]]) -> Side:
    return Side.of([np.array(line) for line in lines])


@pytest.fixture(scope="module")
def toy() -> tuple[Side, Side, np.ndarray]:
    """Sources of 2 to 8 words, each translated by the word WORDS above it, neighbours swapped at random; true links."""
    random = np.random.default_rng(1)
    sources, targets, links = [], [], []
    for _ in range(EXAMPLES):
        source = random.integers(0, WORDS, random.integers(2, 9))
        order = np.arange(len(source))
        if random.random() < 0.5:
            at = random.integers(0, len(source) - 1)
            order[[at, at + 1]] = order[[at + 1, at]]
        sources.append(source.tolist())
        targets.append((source[order] + WORDS).tolist())
        links.append(order)
    return side_of(sources), side_of(targets), np.concatenate(links)


def test_a_word_by_word_language_is_found_out(toy: tuple[Side, Side, np.ndarray]) -> None:
    sources, targets, _ = toy
    found = Aligner(2 * WORDS, sources, targets).links(sources, targets)
    linked = found != UNLINKED
    source_words = sources.ids[np.repeat(sources.starts, targets.lengths)[linked] + found[linked]]
    assert linked.mean() > 0.95
    assert (source_words + WORDS == targets.ids[linked]).mean() > 0.99


def test_links_stay_in_their_example(toy: tuple[Side, Side, np.ndarray]) -> None:
    sources, targets, _ = toy
    found = Aligner(2 * WORDS, sources, targets).links(sources, targets, threshold=0.0)
    assert len(found) == targets.lengths.sum()
    assert (found >= 0).all() and (found < np.repeat(sources.lengths, targets.lengths)).all()


def test_a_threshold_keeps_the_surest(toy: tuple[Side, Side, np.ndarray]) -> None:
    aligner = Aligner(2 * WORDS, *toy[:2])
    some, more = aligner.links(*toy[:2], 0.9), aligner.links(*toy[:2], 0.1)
    assert (some[some != UNLINKED] == more[some != UNLINKED]).all()
    assert (some != UNLINKED).sum() <= (more != UNLINKED).sum()


def test_chunks_change_nothing(toy: tuple[Side, Side, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Aligner(2 * WORDS, *toy[:2]).links(*toy[:2])
    monkeypatch.setattr(training.alignment, "CHUNK_PAIRS", 137)
    assert (Aligner(2 * WORDS, *toy[:2]).links(*toy[:2]) == whole).all()


def test_one_word_is_linked_to_the_only_other() -> None:
    sides = side_of([[1], [1], [1]]), side_of([[2], [2], [2]])
    assert Aligner(4, *sides).links(*sides).tolist() == [0, 0, 0]


def test_what_was_never_seen_together_is_not_linked(toy: tuple[Side, Side, np.ndarray]) -> None:
    aligner = Aligner(2 * WORDS + 1, *toy[:2])
    assert aligner.links(side_of([[3, 2 * WORDS]]), side_of([[3 + WORDS, 2 * WORDS]])).tolist() == [0, UNLINKED]
