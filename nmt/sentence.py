"""One sentence on its way to the model: what can't be read replaced, case and spelling made plain."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

from nmt.direction import Direction
from nmt.glossary import Glossary
from nmt.known_words import KnownWords
from nmt.plain import PlainBlock
from nmt.stand_ins import LOOKED_BACK, StandIn, StandIns
from nmt.text.case import Case, detect_case, sentence_case
from nmt.text.edits import Edit, Edited, edit
from nmt.text.names import unknown_names
from nmt.text.protect import Protected, merged
from nmt.text.segments import Span
from nmt.text.slips import Slip
from nmt.text.spans import disjoint, touches
from nmt.text.spelling import Speller
from nmt.tokenizer import Encoding, Tokenizer
from nmt.vocabulary import EOS, language_tag

_MOST_NAMES = 2


@dataclass(frozen=True)
class Sentence:
    """`block.text[span]`, as the model of `tokenizer` reads it in `direction`.

    Spans count in the block's plain text, those of `model` from the sentence's start and in what the model reads.
    `is_part` where it is one of the parts of a sentence that was too long.
    """

    block: PlainBlock
    span: Span
    direction: Direction
    glossary: Glossary
    tokenizer: Tokenizer
    stand_ins: StandIns
    known_words: KnownWords | None = None
    speller: Speller | None = None
    is_part: bool = False

    @property
    def words_only(self) -> str:
        return self.block.words_only[self.span.start : self.span.end]

    @cached_property
    def case(self) -> Case:
        return detect_case(self.words_only, self.direction.source)

    @cached_property
    def protected(self) -> list[Protected]:
        """What is protected anyway, and names that the model has not learnt."""
        return merged(self.block.protected_in(self.span), list(self._names()))

    def _names(self) -> Iterator[Protected]:
        """Those that no term of the glossary has a word of; none where they are many: of lists the model loses some."""
        if self.known_words is None or self.case != "as_it_is":
            return
        knows = partial(self.known_words.knows, self.direction.source)
        names = list(unknown_names(self.words_only, self.direction.source, knows))
        if not 0 < len(names) <= _MOST_NAMES:
            return
        given = disjoint(found[:2] for found in self.glossary.find(self.words_only))
        for start, end in names:
            if not touches(given, start, end):
                yield Protected(start + self.span.start, end + self.span.start, "name")

    @cached_property
    def chosen(self) -> list[tuple[Protected, StandIn]]:
        """What is protected, each with a word in its place, as long as there are such words."""
        chosen: list[tuple[Protected, StandIn]] = []
        stand_ins = self.stand_ins.not_in(self.words_only)
        for one in self.protected:
            before = self.block.text[max(self.span.start, one.start - LOOKED_BACK) : one.start]
            kept = self.block.text[one.start : one.end]
            word = stand_ins.choose(kept, before, [taken for _, taken in chosen])
            if word is not None and not (one.is_word and word in stand_ins.numbers):
                chosen.append((one, word))
        return chosen

    @cached_property
    def unread(self) -> list[Protected]:
        """What is protected and left out, for want of a word in its place; names the model reads as it can."""
        chosen = [one for one, _ in self.chosen]
        return [one for one in self.protected if not one.is_word and all(one is not other for other in chosen)]

    @cached_property
    def replaced(self) -> Edited:
        """From the sentence's text to what the model reads but for mistyped words."""
        edits = sentence_case(self.words_only, self.case, self.direction.source)
        edits += [self._edit(one, "") for one in self.unread]
        edits += [self._edit(one, word.text if one.is_word else f" {word.text} ") for one, word in self.chosen]
        return edit(self.block.text[self.span.start : self.span.end], edits)

    @cached_property
    def corrections(self) -> list[Edit]:
        """Those of mistyped words in `replaced`, unless they are protected or stand in a term of the glossary.

        Where the case was another, any word may be a name.
        """
        if self.speller is None:
            return []
        untouched = [self.replaced.forward(*self.inside(one)) for one in self.protected]
        untouched += [found[:2] for found in self.glossary.find(self.replaced.text)]
        most = Slip.OTHER_LETTER if self.case == "as_it_is" else Slip.LIKELY
        text, language = self.replaced.text, self.direction.source
        return list(self.speller.corrections(text, language, untouched, is_part=self.is_part, most=most))

    @cached_property
    def model(self) -> Edited:
        """From the sentence's text to what the model reads."""
        return self.replaced.then(self.corrections)

    @cached_property
    def encoding(self) -> Encoding:
        return self.tokenizer.encode(self.model.text)

    @property
    def tag_id(self) -> int | None:
        """What tells the model the language to write, where the tokenizer knows it."""
        return self.tokenizer.id_of(language_tag(self.direction.target))

    @property
    def ids(self) -> tuple[int, ...]:
        """What the model reads, tag and end included."""
        return (*(() if self.tag_id is None else (self.tag_id,)), *self.encoding.ids, EOS)

    def inside(self, one: Protected) -> tuple[int, int]:
        """Its span from the sentence's start."""
        return one.start - self.span.start, one.end - self.span.start

    def _edit(self, one: Protected, replacement: str) -> Edit:
        return Edit(*self.inside(one), replacement)
