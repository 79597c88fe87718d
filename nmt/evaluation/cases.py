"""Cases of a challenge: a text, and what its translation has to be like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nmt.direction import Direction
from nmt.evaluation.answers import is_among


@dataclass(frozen=True)
class Case:
    """A text and what its translation has to be like; what is empty or None is not asked for.

    `accept`: the answers that are right, normalised. `contains`: what has to stand in the answer exactly as it is.
    `match` and `reject`: patterns, each of which has to be, or must not be, somewhere in it. `warned`: whether the
    translation has to carry a warning (any of them), or must carry none. `expected` is what is shown to people,
    `place` where the case was written.
    """

    category: str
    direction: Direction
    text: str
    accept: frozenset[str] = frozenset()
    contains: tuple[str, ...] = ()
    match: tuple[re.Pattern[str], ...] = ()
    reject: tuple[re.Pattern[str], ...] = ()
    warned: bool | None = None
    comment: str = ""
    expected: str = ""
    place: str = ""

    def faults(self, answer: str, warnings: Sequence[str]) -> tuple[str, ...]:
        """What is wrong with an answer and its warnings, in words; nothing where the case is passed."""
        found = []
        if self.accept and not is_among(answer, self.accept):
            found.append(f"expected {self.expected}")
        found += [f"{text!r} is missing" for text in self.contains if text not in answer]
        found += [f"nothing matches {one.pattern}" for one in self.match if not one.search(answer)]
        found += [f"{one.pattern} matches" for one in self.reject if one.search(answer)]
        if self.warned is not None and self.warned != bool(warnings):
            found.append("no warning" if self.warned else f"warned of {', '.join(warnings)}")
        return tuple(found)
