"""One sentence on its way to the model: what can't be read replaced, terms found, case and spelling made plain."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from nmt.alignment import find_words
from nmt.direction import Direction
from nmt.known_words import KnownWords
from nmt.passage import Kept, Passage
from nmt.plain import PlainBlock, masked
from nmt.search.terms import Term
from nmt.stand_ins import LOOKED_BACK, StandIn, StandIns
from nmt.text.case import Case, detect_case, sentence_case
from nmt.text.edits import Edit, Edited, edit
from nmt.text.elements import Element
from nmt.text.markup import escape
from nmt.text.names import unknown_names
from nmt.text.protect import Protected, merged
from nmt.text.segments import Span
from nmt.text.slips import Slip
from nmt.text.spelling import Speller
from nmt.tokenizer import Encoding, Tokenizer
from nmt.translation import Token, Word
from nmt.vocabulary import EOS, SPECIAL_PIECES, language_tag

_MOST_NAMES = 2
_LAST_WORD = re.compile(r"(?:\w+|[^\w\s])\Z")
_FIRST_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Sentence:
    """`block.text[span]`, as the model of `tokenizer` reads it in `direction`.

    Spans count in the block's plain text, those of `model` from the sentence's start and in what the model reads.
    `is_part` where it is one of the parts of a sentence that was too long.
    """

    block: PlainBlock
    span: Span
    direction: Direction
    glossary: Sequence[tuple[str, str]]
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
        given = [found.span() for source, _ in self.glossary for found in _occurrences(source, self.words_only)]
        for start, end in names:
            if all(end <= first or start >= last for first, last in given):
                yield Protected(start + self.span.start, end + self.span.start, "name")

    @cached_property
    def chosen(self) -> list[tuple[Protected, StandIn]]:
        """What is protected, each with a word in its place, as long as there are such words."""
        chosen: list[tuple[Protected, StandIn]] = []
        for one in self.protected:
            before = self.block.text[max(self.span.start, one.start - LOOKED_BACK) : one.start]
            kept = self.block.text[one.start : one.end]
            word = self.stand_ins.choose(kept, before, self.words_only, [taken for _, taken in chosen])
            if word is not None and not (one.kind == "name" and word in self.stand_ins.numbers):
                chosen.append((one, word))
        return chosen

    @cached_property
    def unread(self) -> list[Protected]:
        """What is protected and left out, for want of a word in its place; names the model reads as it can."""
        chosen = [one for one, _ in self.chosen]
        return [one for one in self.protected if one.kind != "name" and all(one is not other for other in chosen)]

    @cached_property
    def replaced(self) -> Edited:
        """From the sentence's text to what the model reads but for mistyped words."""
        edits = sentence_case(self.words_only, self.case, self.direction.source)
        edits += [self._edit(one, "") for one in self.unread]
        edits += [self._edit(one, word.text if one.kind == "name" else f" {word.text} ") for one, word in self.chosen]
        return edit(self.block.text[self.span.start : self.span.end], edits)

    @cached_property
    def corrections(self) -> list[Edit]:
        """Those of mistyped words in `replaced`, unless they are protected or stand in a term of the glossary.

        Where the case was another, any word may be a name.
        """
        if self.speller is None:
            return []
        untouched = [self.replaced.forward(*self._inside(one)) for one in self.protected]
        untouched += [found.span() for source, _ in self.glossary for found in _occurrences(source, self.replaced.text)]
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
    def length(self) -> int:
        """How many ids the passage has, tag and end included."""
        return (self.tag_id is not None) + len(self.encoding.ids) + 1

    def passage(self) -> Passage:
        """What the model reads, and what belongs to it."""
        tag, tag_id = language_tag(self.direction.target), self.tag_id
        start, end = self.block.block.widened(self.block.source, *self.block.original(*self.span))
        opening = () if tag_id is None else (Token(tag, start, start, special=True),)
        placed = [self._placed(token) for token in self.encoding.tokens]
        found = find_words(self._read, placed, *self.span)
        words = tuple(self._original_word(word, len(opening)) for word in found)
        terms = tuple(self._terms(len(opening)))
        corrected = dict(self._corrected(found))
        return Passage(
            text=self.block.source,
            start=start,
            end=end,
            plain=self.model.text.strip(),
            ids=(*(() if tag_id is None else (tag_id,)), *self.encoding.ids, EOS),
            tokens=(*opening, *map(self._original_token, placed), Token(SPECIAL_PIECES[EOS], end, end, special=True)),
            words=words,
            terms=terms,
            kept=tuple(self._kept(one) for one, _ in self.chosen),
            elements=tuple(sorted(self._elements(start, end), key=lambda one: one.start)),
            case=self.case,
            corrected=tuple(corrected.items()),
            unknown=tuple(self._unknown(words, terms, corrected)),
            is_part=self.is_part,
        )

    @property
    def _read(self) -> str:
        """The block's text with white space in place of what is left out."""
        return masked(self.block.text, self.unread, " ")

    def _edit(self, one: Protected, replacement: str) -> Edit:
        return Edit(*self._inside(one), replacement)

    def _inside(self, one: Protected) -> tuple[int, int]:
        """Its span from the sentence's start."""
        return one.start - self.span.start, one.end - self.span.start

    def _placed(self, token: Token) -> Token:
        start, end = self.model.back(token.start, token.end)
        return Token(token.piece, start + self.span.start, end + self.span.start)

    def _original_token(self, token: Token) -> Token:
        return Token(token.piece, *self.block.original(token.start, token.end))

    def _original_word(self, word: Word, shift: int) -> Word:
        first, last = word.first_token, word.last_token
        tokens = (first + shift, last + shift) if first < last else (0, 0)
        return Word(word.text, *self.block.original(word.start, word.end), *tokens)

    def _terms(self, shift: int) -> Iterator[Term]:
        """The stand-ins, then for each place of a glossary's term what must be said for it: longer terms first."""
        taken = [self.model.forward(*self._inside(one)) for one in self.protected]
        for one, word in self.chosen:
            start, end = self.model.forward(*self._inside(one))
            yield Term(*self._token_range(start, end, shift), (word.token,), exclusive=True)
        for source, target in sorted(self.glossary, key=lambda pair: -len(pair[0])):
            for found in _occurrences(source, self.model.text):
                start, end = found.span()
                first, last = self._token_range(start, end, shift)
                if first < last and all(end <= begun or start >= done for begun, done in taken):
                    taken.append((start, end))
                    yield Term(first, last, self.tokenizer.encode(target.strip()).ids)

    def _corrected(self, words: Sequence[Word]) -> Iterator[tuple[int, str]]:
        """The places of words, whose spans are the block's, that were mistyped, and what was read for them."""
        made = [Edit(*self.replaced.back(one.start, one.end), one.replacement) for one in self.corrections]
        for place, word in enumerate(words):
            start, end = word.start - self.span.start, word.end - self.span.start
            own = [one for one in made if start <= one.start < end]
            if own:
                moved = [Edit(one.start - start, one.end - start, one.replacement) for one in own]
                yield place, edit(self.block.text[word.start : word.end], moved).text

    def _unknown(self, words: Sequence[Word], terms: Sequence[Term], corrected: Mapping[int, str]) -> Iterator[int]:
        """The places of words that the model has not learnt from, as they are read; none that terms stand for."""
        if self.known_words is None:
            return
        for place, word in enumerate(words):
            is_said = any(term.first < word.last_token and word.first_token < term.last for term in terms)
            if not is_said and not self.known_words.knows(self.direction.source, corrected.get(place, word.text)):
                yield place

    def _token_range(self, start: int, end: int, shift: int) -> tuple[int, int]:
        """The tokens that have a character of this span of what the model reads."""
        inside = [i for i, token in enumerate(self.encoding.tokens) if token.start < end and token.end > start]
        return (inside[0] + shift, inside[-1] + 1 + shift) if inside else (0, 0)

    def _elements(self, start: int, end: int) -> Iterator[Element]:
        """What is unread, and the elements in this span of the whole text, without those tags that are unread too."""
        unread = [self.block.original(one.start, one.end) for one in self.unread]
        yield from (Element.single(*span) for span in unread)
        for element in self.block.block.elements_in(start, end):
            opened, closed = (_holding(unread, place) for place in (element.open_start, element.close_start))
            if opened is None:
                ends = (element.close_start, element.close_end) if closed is None else (closed.start, closed.start)
                yield Element(element.open_start, element.open_end, *ends)
            elif closed is None and element.close_start < element.close_end:
                yield Element(element.close_start, element.close_start, element.close_start, element.close_end)

    def _kept(self, one: Protected) -> Kept:
        """White space beside a name is as the target's language has it."""
        if one.kind == "name":
            return Kept(self._raw(one))
        behind, ahead = self.block.text[self.span.start : one.start], self.block.text[one.end : self.span.end]
        last, first = _LAST_WORD.search(behind), _FIRST_WORD.match(ahead)
        return Kept(
            self._raw(one),
            after=next((word.text for other, word in self.chosen if other.end == one.start), last[0] if last else ""),
            before=next(
                (word.text for other, word in self.chosen if other.start == one.end), first[0] if first else ""
            ),
        )

    def _raw(self, one: Protected) -> str:
        """As it stood in the source, without the tags in it that will be placed by themselves."""
        start, end = self.block.original(one.start, one.end)
        if one.kind == "markup" or not self.block.block.elements_in(start, end):
            return self.block.source[start:end]
        kept = self.block.text[one.start : one.end]
        return edit(kept, escape(kept)).text


def _occurrences(source: str, text: str) -> Iterator[re.Match[str]]:
    """Where a term of a glossary stands in `text`, as whole words in any case."""
    return re.finditer(rf"(?<!\w){re.escape(source.strip())}(?!\w)", text, re.IGNORECASE)


def _holding(spans: Sequence[Span], place: int) -> Span | None:
    """The one of these spans, in order and disjoint, that holds the character at `place`."""
    index = bisect_right(spans, place, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 and place < spans[index].end else None
