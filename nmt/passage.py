"""A stretch of text that is translated as a whole, as the model reads it."""

from dataclasses import dataclass

from nmt.search.terms import Term
from nmt.text.case import Case
from nmt.text.elements import Element
from nmt.translation import Token, Word


@dataclass(frozen=True)
class Kept:
    """What the target holds in place of a stand-in, as it stood in the source: right behind `after`, before `before`.

    Those are a word, a mark or another stand-in, as the model reads them; empty where there was white space.
    """

    text: str
    after: str = ""
    before: str = ""


@dataclass(frozen=True)
class Passage:
    """`text[start:end]` as `ids` that end in EOS, a token for each; all spans count in the whole text.

    `plain` is what the model reads, in characters, and `words` are what a person reads. `terms` are what the target
    must say; the first of them are stand-ins, and `kept` says for what. `elements` are tags, emoji and the like, which
    the model doesn't read. `corrected` are the places in `words` of mistyped ones, each with what was read for it;
    `unknown` are those of words that have, as they are read, something that the model has not learnt from. `is_part`
    where a sentence was too long.
    """

    text: str
    start: int
    end: int
    plain: str
    ids: tuple[int, ...]
    tokens: tuple[Token, ...]
    words: tuple[Word, ...] = ()
    terms: tuple[Term, ...] = ()
    kept: tuple[Kept, ...] = ()
    elements: tuple[Element, ...] = ()
    case: Case = "as_it_is"
    corrected: tuple[tuple[int, str], ...] = ()
    unknown: tuple[int, ...] = ()
    is_part: bool = False
