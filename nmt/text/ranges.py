"""Which target words the elements of a sentence surround."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from nmt.text.pairing import Pairing
from nmt.text.tree import Node

INSIDE = 2  # what a target word is worth that is linked to a word of the element
OUTSIDE = 1  # what it costs to surround one that is linked to other words only
Range = tuple[int, int]  # target words: first, one past the last


@dataclass(frozen=True, eq=False)
class Placed:
    """A node around target words, or, if it has none of them, at a place between two: `start == end`.

    `children` are in the order of the target.
    """

    node: Node
    start: int
    end: int
    children: list["Placed"]

    @property
    def is_point(self) -> bool:
        return self.start == self.end and not self.node.is_open_before and not self.node.is_open_after


def spread(root: Node, pairing: Pairing) -> Placed:
    """The root around all target words, and what is in it at its places.

    Children are inside their parents and beside their siblings. One around all words of its parent stays so. Another
    takes the run of target words that is worth most: with as many words as can be that are linked to its own, and as
    few as can be that are linked to others. What has no words, or none that are linked, goes after the target word that
    is linked to the word before it, or before the one that is linked to the word behind it.
    """
    count = len(pairing.spans)
    is_linked = [False] * count
    for targets in pairing.targets_of:
        for target in targets:
            is_linked[target] = True
    spreading = _Spreading(pairing.targets_of, [0, *accumulate(map(int, is_linked))])
    whole = Placed(root, 0, count, [])
    waiting = [whole]
    while waiting:
        parent = waiting.pop()
        parent.children.extend(_Level(spreading, parent).placed())
        waiting += (child for child in parent.children if not child.is_point)
    return whole


@dataclass(frozen=True)
class _Spreading:
    targets_of: Sequence[Sequence[int]]
    linked_before: Sequence[int]  # how many target words before each are linked to any

    def linked(self, start: int, end: int) -> int:
        return self.linked_before[end] - self.linked_before[start]

    def targets(self, first: int, last: int, within: Range) -> list[int]:
        """Target words in a range that are linked to these source words, in order."""
        found = {target for targets in self.targets_of[first:last] for target in targets}
        return sorted(target for target in found if within[0] <= target < within[1])


class _Level:
    """The children of one parent."""

    def __init__(self, spreading: _Spreading, parent: Placed) -> None:
        self.spreading = spreading
        self.parent = parent
        self.range = parent.start, parent.end
        self.taken = bytearray()
        self.ranges: dict[int, Range] = {}  # by the child's index
        self.gaps: dict[tuple[int, int], tuple[int | None, int | None]] = {}

    def placed(self) -> list[Placed]:
        """The children, in the order of the target."""
        children = self.parent.node.children
        if not children:
            return []
        self.taken = bytearray(self.parent.end)
        self._choose_ranges(children)
        ranged = sorted((range_, index) for index, range_ in self.ranges.items() if range_[0] < range_[1])
        keyed = []
        for index, child in enumerate(children):
            start, end = self.ranges.get(index) or self._point(child, ranged, children)
            keyed.append(((start, start < end, index), Placed(child, start, end, [])))  # at one place points come first
        return [placed for _, placed in sorted(keyed, key=lambda pair: pair[0])]

    def _choose_ranges(self, children: Sequence[Node]) -> None:
        parent = self.parent.node
        start, end = self.range
        waiting = []
        for index, child in enumerate(children):
            if child.first < child.last and (child.first, child.last) == (parent.first, parent.last):
                self._take(index, self.range)
            elif child.is_open_before:
                self._take(index, (start, self._reach(child)))
            elif child.is_open_after:
                self._take(index, (self._reach_back(child), end))
            elif child.first < child.last:
                targets = self._targets(child)
                waiting.append((-self._best_run(targets)[2], index, targets))
        for _, index, targets in sorted(waiting):
            run_start, run_end, _ = self._best_run(targets) if targets else (0, 0, 0)
            if not targets:
                run_start, run_end = self._unlinked_run(children[index])
            if run_start < run_end:
                self._take(index, (run_start, run_end))

    def _take(self, index: int, range_: Range) -> None:
        self.ranges[index] = range_
        self.taken[range_[0] : range_[1]] = b"\1" * (range_[1] - range_[0])

    def _targets(self, child: Node) -> list[int]:
        return self.spreading.targets(child.first, child.last, self.range)

    def _best_run(self, targets: Sequence[int]) -> tuple[int, int, int]:
        """The free run that is worth most, the first and shortest of those, and its worth."""
        best = run = (0, 0, 0)
        for target in targets:
            if self.taken[target]:
                continue
            start, end, worth = run
            cost = OUTSIDE * self.spreading.linked(end, target)
            if worth <= cost or self.taken.find(1, end, target) >= 0:
                run = (target, target + 1, INSIDE)
            else:
                run = (start, target + 1, worth - cost + INSIDE)
            best = max(best, run, key=lambda one: one[2])
        return best

    def _reach(self, child: Node) -> int:
        """Where a child ends that begins with its parent."""
        start = self.range[0]
        targets = self._targets(child)
        if not targets and child.first < child.last:
            return start + self._share(child)
        worths = {start: 0}
        for count, target in enumerate(targets, start=1):
            others = self.spreading.linked(start, target + 1) - count
            worths[target + 1] = INSIDE * count - OUTSIDE * others
        return max(worths, key=lambda place: worths[place])

    def _reach_back(self, child: Node) -> int:
        """Where a child begins that ends with its parent."""
        start, end = self.range
        start = self.taken.rfind(1, start, end) + 1 or start
        targets = self.spreading.targets(child.first, child.last, (start, end))
        if not targets and child.first < child.last:
            return max(start, end - self._share(child))
        worths = {end: 0}
        for count, target in enumerate(reversed(targets), start=1):
            others = self.spreading.linked(target, end) - count
            worths[target] = INSIDE * count - OUTSIDE * others
        return max(worths, key=lambda place: worths[place])

    def _share(self, child: Node) -> int:
        """As many target words as a child would have if all source words were said at the same length; 1 at least."""
        start, end = self.range
        words = self.parent.node.last - self.parent.node.first
        return min(end - start, max(1, round((child.last - child.first) * (end - start) / words)))

    def _unlinked_run(self, child: Node) -> Range:
        """Free words without links where the child would be."""
        start, end = self.range
        place = run_end = self._gap(child)
        share = self._share(child)

        def is_free(target: int) -> bool:
            return start <= target < end and not self.taken[target] and not self.spreading.linked(target, target + 1)

        while run_end - place < share and is_free(run_end):
            run_end += 1
        while place == run_end and is_free(place - 1):
            place -= 1
        return place, run_end

    def _point(self, child: Node, ranged: Sequence[tuple[Range, int]], children: Sequence[Node]) -> Range:
        """The place of a child without target words; inside a sibling it goes to the edge of that."""
        place = self._gap(child)
        before = bisect_right(ranged, place, key=lambda one: one[0][0]) - 1
        if before >= 0:
            (start, end), index = ranged[before]
            sibling = children[index]
            if start - sibling.is_open_before < place < end + sibling.is_open_after:
                place = end if sibling.last <= child.first and not sibling.is_open_after else start
        return place, place

    def _gap(self, child: Node) -> int:
        """The target's gap that a child without target words belongs in."""
        parent = self.parent.node
        start, end = self.range
        if child.first <= parent.first:
            return start
        if child.last >= parent.last:
            return end
        before, behind = self._neighbours(child.first, child.last)
        order = (behind, before) if child.spaced == (True, False) else (before, behind)
        words = parent.last - parent.first
        share = start + round((child.first - parent.first) * (end - start) / words)
        return next((gap for gap in order if gap is not None), share)

    def _neighbours(self, first: int, last: int) -> tuple[int | None, int | None]:
        """Gaps behind the nearest linked word before, and before the nearest linked one behind, if equally near."""
        if (first, last) not in self.gaps:
            self.gaps[first, last] = next(self._nearest(first, last), (None, None))
        return self.gaps[first, last]

    def _nearest(self, first: int, last: int) -> Iterator[tuple[int | None, int | None]]:
        parent = self.parent.node
        for distance in range(max(first - parent.first, parent.last - last)):
            before, behind = first - 1 - distance, last + distance
            left = self.spreading.targets(before, before + 1, self.range) if before >= parent.first else []
            right = self.spreading.targets(behind, behind + 1, self.range) if behind < parent.last else []
            if left or right:
                yield (left[-1] + 1 if left else None), (right[0] if right else None)
