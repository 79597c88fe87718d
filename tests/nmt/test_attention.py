"""What sentences own while they are decoded."""

import pytest
import torch

from nmt.attention import Memory

LENGTHS = [3, 9, 1, 5]


def memory(lengths: list[int]) -> Memory:
    mask_BS = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    values_BSM = torch.arange(len(lengths) * max(lengths) * 2.0).view(len(lengths), -1, 2) + 1
    bias_BS = torch.zeros(mask_BS.shape).masked_fill(~mask_BS, -torch.inf)
    return Memory(values_BSM * mask_BS[..., None], -values_BSM * mask_BS[..., None], bias_BS)


def sentences(memory: Memory) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Values and keys of each sentence, without the padding."""
    real_BS = memory.bias_BS == 0
    rows = zip(memory.values_BSM, memory.keys_BSA, real_BS, strict=True)
    return [(values[real], keys[real]) for values, keys, real in rows]


def check_same(found: Memory, expected: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    for one, other in zip(sentences(found), expected, strict=True):
        assert all(torch.equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))


@pytest.mark.parametrize("chosen", [[0, 1, 2, 3], [3, 0], [2], [0, 0, 2, 0], [1, 2], []], ids=str)
def test_chosen_sentences_are_as_wide_as_the_longest_of_them(chosen: list[int]) -> None:
    whole = memory(LENGTHS)
    found = whole.select(torch.tensor(chosen, dtype=torch.int64))
    check_same(found, [sentences(whole)[place] for place in chosen])
    longest = max((LENGTHS[place] for place in chosen), default=0)
    assert {part.shape[1] for part in vars(found).values()} == {longest}


def test_joined_sentences_keep_theirs() -> None:
    parts = [memory(LENGTHS), memory([2, 4]), memory([12])]
    joined = parts[0].concat(parts[1]).concat(parts[2])
    check_same(joined, [pair for part in parts for pair in sentences(part)])
    assert joined.bias_BS.shape == (7, 12)
