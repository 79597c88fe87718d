"""What has changed between two versions of a sentence, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Where words have no spaces between them (Chinese, Japanese), each character is one.
_UNSPACED = "\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"\s*(?:[{_UNSPACED}]|(?:(?![{_UNSPACED}])\w)+|[^\w\s])|\s+")


@dataclass(frozen=True)
class Piece:
    """A stretch of words with the spaces before them: in both versions, only in the new one, only in the old one."""

    kind: Literal["kept", "added", "removed"]
    text: str


def changes(old: str, new: str) -> list[Piece]:
    """From `old` to `new`: the pieces kept and added make up `new`; those kept and removed are the words of `old`."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, [word.strip() for word in before], [word.strip() for word in after], autojunk=False)
    return list(_pieces(before, after, matcher))


def _pieces(before: list[str], after: list[str], matcher: "SequenceMatcher[str]") -> Iterator[Piece]:
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("kept", "".join(after[new_first:new_last]))
            continue
        if first < last:
            yield Piece("removed", "".join(before[first:last]))
        if new_first < new_last:
            yield Piece("added", "".join(after[new_first:new_last]))
