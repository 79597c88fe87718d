"""Words of a marked-up source and of its target, paired by links; words with tags inside them cut at the tags."""

# Words of the source are S, those of the target T.

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from nmt.translation import Word

HALF_REFERENCE = re.compile(r"&[#\w]*+$")


@dataclass(frozen=True)
class Pairing:
    """`places` says where each source word is, `spans` where each target word is; `targets_of` a source word are the
    target words linked to it, in order.
    """

    places: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    targets_of: tuple[tuple[int, ...], ...]

    @classmethod
    def of(
        cls,
        source: str,
        tags: Sequence[tuple[int, int]],
        source_words: Sequence[Word],
        target: str,
        target_words: Sequence[Word],
        links: Iterable[tuple[int, int]],
    ) -> "Pairing":
        """`tags` are the spans of the source's tags, in order.

        A word with tags inside it, such as `CO<sub>2</sub>`, becomes several, `CO` and `2`, and a target word linked to
        it too, if what both have before or behind each tag is the same. Another one is where its longest part is.
        Target words without tokens that stand next to each other become one: they are no words of the model's.
        """
        spans, index_of = _spans(target_words)
        targets_of: list[list[int]] = [[] for _ in source_words]
        for first, second in sorted({(first, index_of[second]) for first, second in links}):
            targets_of[first].append(second)
        parts = [list(_parts(tags, word)) for word in source_words]
        cuts: dict[int, tuple[int, list[int]]] = {}
        taken = set()
        for index, stretches in enumerate(parts):
            for second in targets_of[index] if len(stretches) > 1 else ():
                found = _cuts([source[slice(*stretch)] for stretch in stretches], target[slice(*spans[second])])
                if found and second not in taken:
                    taken.add(second)
                    cuts[index] = second, found
                    break
        return _cut(parts, spans, targets_of, cuts)


def _spans(words: Sequence[Word]) -> tuple[list[tuple[int, int]], list[int]]:
    """Spans of words, those without tokens joined, and for each word the index of its span."""
    spans: list[tuple[int, int]] = []
    index_of = []
    joining = False
    for word in words:
        has_tokens = word.first_token < word.last_token
        if spans and joining and not has_tokens:
            spans[-1] = spans[-1][0], word.end
        else:
            spans.append((word.start, word.end))
        joining = not has_tokens
        index_of.append(len(spans) - 1)
    return spans, index_of


def _parts(tags: Sequence[tuple[int, int]], word: Word) -> Iterator[tuple[int, int]]:
    """The stretches of a word between tags, without empty ones."""
    inside = tags[bisect_left(tags, (word.start,)) : bisect_left(tags, (word.end,))]
    edges = [word.start, *(edge for tag in inside for edge in tag), word.end]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if start < end:
            yield start, end


def _cuts(parts: Sequence[str], target: str) -> list[int]:
    """Where a target word is cut so that its parts are those of the source word; none where that can't be said."""
    word = "".join(parts)
    cuts = []
    for place in list(accumulate(map(len, parts)))[:-1]:
        same_before, same_behind = target.startswith(word[:place]), target.endswith(word[place:])
        found = [place] * same_before + [len(target) - len(word) + place] * same_behind
        whole = [cut for cut in found if not HALF_REFERENCE.search(target[:cut])]
        if not whole:
            return []
        cuts.append(whole[0])
    return cuts if cuts == sorted(cuts) else []


def _cut(
    parts: Sequence[Sequence[tuple[int, int]]],
    spans: Sequence[tuple[int, int]],
    targets_of: Sequence[Sequence[int]],
    cuts: dict[int, tuple[int, list[int]]],
) -> Pairing:
    """The pairing of words and parts of words; `cuts` has a target word and its cuts for each source word cut."""
    cuts_of_target = dict(cuts.values())
    new_spans: list[tuple[int, int]] = []
    new_indices: list[list[int | None]] = []  # of each target word's parts
    for index, (start, end) in enumerate(spans):
        edges = [start, *(start + cut for cut in cuts_of_target.get(index, ())), end]
        new_indices.append([])
        for edge, following in pairwise(edges):
            new_indices[-1].append(len(new_spans) if edge < following else None)
            if edge < following:
                new_spans.append((edge, following))
    places: list[int] = []
    new_targets: list[list[int]] = []
    for index, stretches in enumerate(parts):
        longest = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
        twin, _ = cuts.get(index, (None, []))
        linked = [new for one in targets_of[index] if one != twin for new in new_indices[one] if new is not None]
        for part, stretch in enumerate(stretches if twin is not None else [longest]):
            same = None if twin is None else new_indices[twin][part]
            places.append(stretch[0])
            new_targets.append((linked if stretch == longest else []) + ([] if same is None else [same]))
    return Pairing(tuple(places), tuple(new_spans), tuple(tuple(sorted(targets)) for targets in new_targets))
