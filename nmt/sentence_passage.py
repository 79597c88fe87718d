"""From a sentence to a passage: where its tokens, words, terms and tags stand in the whole text."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from nmt.alignment import find_words
from nmt.passage import Kept, Passage
from nmt.plain import PlainBlock, masked
from nmt.search.terms import Term
from nmt.sentence import Sentence
from nmt.text.edits import Edit, edit
from nmt.text.elements import Element
from nmt.text.markup import escape
from nmt.text.protect import Protected
from nmt.text.segments import Span
from nmt.translation import Token, Word
from nmt.vocabulary import EOS, SPECIAL_PIECES, language_tag

_LAST_WORD = re.compile(r"(?:\w+|[^\w\s])\Z")
_FIRST_WORD = re.compile(r"\w+|[^\w\s]")


def passage_of(sentence: Sentence) -> Passage:
    """What the model reads of `sentence`, and where in the whole text everything stands."""
    block, tag = sentence.block, language_tag(sentence.direction.target)
    start, end = block.block.widened(block.source, *block.original(*sentence.span))
    opening = () if sentence.tag_id is None else (Token(tag, start, start, special=True),)
    placed = [_placed(sentence, token) for token in sentence.encoding.tokens]
    tokens = [Token(token.piece, *block.original(token.start, token.end)) for token in placed]
    found = find_words(masked(block.text, sentence.unread, " "), placed, *sentence.span)
    words = tuple(_original_word(block, word, len(opening)) for word in found)
    terms = tuple(_terms(sentence, len(opening)))
    corrected = dict(_corrected(sentence, found))
    return Passage(
        text=block.source,
        start=start,
        end=end,
        plain=sentence.model.text.strip(),
        ids=sentence.ids,
        tokens=(*opening, *tokens, Token(SPECIAL_PIECES[EOS], end, end, special=True)),
        words=words,
        terms=terms,
        kept=tuple(_kept(sentence, one) for one, _ in sentence.chosen),
        elements=tuple(sorted(_elements(sentence, start, end), key=lambda one: one.start)),
        case=sentence.case,
        corrected=tuple(corrected.items()),
        unknown=tuple(_unknown(sentence, words, terms, corrected)),
        is_part=sentence.is_part,
    )


def _placed(sentence: Sentence, token: Token) -> Token:
    """`token` of what the model reads, where it stands in the block's text."""
    start, end = sentence.model.back(token.start, token.end)
    return Token(token.piece, start + sentence.span.start, end + sentence.span.start)


def _original_word(block: PlainBlock, word: Word, shift: int) -> Word:
    """`word` of the block's text, where it stands in the whole one; its tokens are `shift` places further on."""
    first, last = word.first_token, word.last_token
    tokens = (first + shift, last + shift) if first < last else (0, 0)
    return Word(word.text, *block.original(word.start, word.end), *tokens)


def _terms(sentence: Sentence, shift: int) -> Iterator[Term]:
    """The stand-ins, then for each place of a glossary's term what must be said for it: longer terms first."""
    taken = [sentence.model.forward(*sentence.inside(one)) for one in sentence.protected]
    for one, word in sentence.chosen:
        start, end = sentence.model.forward(*sentence.inside(one))
        yield Term(*_token_range(sentence, start, end, shift), (word.token,), exclusive=True)
    for start, end, ids in sentence.glossary.find(sentence.model.text):
        first, last = _token_range(sentence, start, end, shift)
        if first < last and all(end <= begun or start >= done for begun, done in taken):
            taken.append((start, end))
            yield Term(first, last, ids)


def _corrected(sentence: Sentence, words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    """The places of words, whose spans are the block's, that were mistyped, and what was read for them."""
    made = [Edit(*sentence.replaced.back(one.start, one.end), one.replacement) for one in sentence.corrections]
    for place, word in enumerate(words):
        start, end = word.start - sentence.span.start, word.end - sentence.span.start
        own = [one for one in made if start <= one.start < end]
        if own:
            moved = [Edit(one.start - start, one.end - start, one.replacement) for one in own]
            yield place, edit(sentence.block.text[word.start : word.end], moved).text


def _unknown(
    sentence: Sentence, words: Sequence[Word], terms: Sequence[Term], corrected: Mapping[int, str]
) -> Iterator[int]:
    """The places of words that the model has not learnt from, as they are read; none that terms stand for."""
    if sentence.known_words is None:
        return
    for place, word in enumerate(words):
        is_said = any(term.first < word.last_token and word.first_token < term.last for term in terms)
        if not is_said and not sentence.known_words.knows(sentence.direction.source, corrected.get(place, word.text)):
            yield place


def _token_range(sentence: Sentence, start: int, end: int, shift: int) -> tuple[int, int]:
    """The tokens that have a character of this span of what the model reads."""
    inside = [i for i, token in enumerate(sentence.encoding.tokens) if token.start < end and token.end > start]
    return (inside[0] + shift, inside[-1] + 1 + shift) if inside else (0, 0)


def _elements(sentence: Sentence, start: int, end: int) -> Iterator[Element]:
    """What is unread, and the elements in this span of the whole text, without those tags that are unread too."""
    block = sentence.block
    unread = [block.original(one.start, one.end) for one in sentence.unread]
    yield from (Element.single(*span) for span in unread)
    for element in block.block.elements_in(start, end):
        opened, closed = (_holding(unread, place) for place in (element.open_start, element.close_start))
        if opened is None:
            ends = (element.close_start, element.close_end) if closed is None else (closed.start, closed.start)
            yield Element(element.open_start, element.open_end, *ends)
        elif closed is None and element.close_start < element.close_end:
            yield Element(element.close_start, element.close_start, element.close_start, element.close_end)


def _kept(sentence: Sentence, one: Protected) -> Kept:
    """`one` and what stands beside it; beside a name, white space is as the target's language has it."""
    text, span = sentence.block.text, sentence.span
    kept = _as_written(sentence.block, one)
    if one.is_word:
        return Kept(kept)
    last, first = _LAST_WORD.search(text[span.start : one.start]), _FIRST_WORD.match(text[one.end : span.end])
    behind = next((word.text for other, word in sentence.chosen if other.end == one.start), last and last[0])
    ahead = next((word.text for other, word in sentence.chosen if other.start == one.end), first and first[0])
    return Kept(kept, after=behind or "", before=ahead or "")


def _as_written(block: PlainBlock, one: Protected) -> str:
    """As it stood in the source, without the tags in it that will be placed by themselves."""
    start, end = block.original(one.start, one.end)
    if one.kind == "markup" or not block.block.elements_in(start, end):
        return block.source[start:end]
    kept = block.text[one.start : one.end]
    return edit(kept, escape(kept)).text


def _holding(spans: Sequence[Span], place: int) -> Span | None:
    """The one of these spans, in order and disjoint, that holds the character at `place`."""
    index = bisect_right(spans, place, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 and place < spans[index].end else None
