"""From a text to what a model reads of it: passages, with what has to be kept set aside."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain

from nmt.direction import Direction
from nmt.glossary import Glossary
from nmt.known_words import KnownWords
from nmt.passage import Passage
from nmt.plain import PlainBlock
from nmt.sentence import Sentence
from nmt.sentence_passage import passage_of
from nmt.stand_ins import StandIns
from nmt.text.markup import Block, parse_html
from nmt.text.options import TextOptions
from nmt.text.protect import compile_patterns
from nmt.text.segments import Span, has_words, split_clauses, split_sentences
from nmt.text.spans import Spans, disjoint
from nmt.text.spelling import Speller
from nmt.tokenizer import Tokenizer, check_unicode

_REMEMBERED = 16  # glossaries


@dataclass(frozen=True)
class Reader:
    """Reads texts for one model. A passage has at most `most_tokens` ids, tag and end included."""

    tokenizer: Tokenizer
    most_tokens: int
    known_words: KnownWords | None = None
    stand_ins: StandIns = field(init=False)
    speller: Speller | None = field(init=False)
    glossary: Callable[[tuple[tuple[str, str], ...]], Glossary] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stand_ins", StandIns.of(self.tokenizer))
        speller = None if self.known_words is None else Speller(self.known_words.magnitudes)
        object.__setattr__(self, "speller", speller)
        glossary = lru_cache(_REMEMBERED)(partial(Glossary.of, tokenizer=self.tokenizer))
        object.__setattr__(self, "glossary", glossary)

    def read(self, text: str, direction: Direction, options: TextOptions) -> tuple[Passage, ...]:
        """The passages of `text`, in order; none where there is nothing to translate.

        What lies between them stays as it is. A sentence that is too long is split at clauses, or anywhere if it has
        to be; never inside what is protected or a term. Raises InputError for text that is not valid Unicode and for
        patterns that can't be used, ConfigError for a translation of a term in which the model sees nothing.
        """
        check_unicode(text)
        patterns = compile_patterns(options.protect)
        blocks = parse_html(text) if options.format == "html" else [Block(0, len(text))]
        plain = (PlainBlock.of(text, block, patterns) for block in blocks)
        glossary = self.glossary(options.glossary)
        return tuple(
            passage
            for block in plain
            for passage in self._passages(block, direction, glossary, spelling=options.spelling)
        )

    def _passages(
        self, block: PlainBlock, direction: Direction, glossary: Glossary, *, spelling: bool
    ) -> Iterator[Passage]:
        terms = (found[:2] for found in glossary.find(block.text))
        whole = disjoint(chain(((one.start, one.end) for one in block.protected), terms))
        new = partial(
            Sentence,
            direction=direction,
            glossary=glossary,
            tokenizer=self.tokenizer,
            stand_ins=self.stand_ins,
            known_words=self.known_words,
            speller=self.speller if spelling else None,
        )
        for span in split_sentences(block.readable, direction.source, whole):
            for sentence in self._fitting(new, block, span, whole, is_part=False):
                yield passage_of(sentence)

    def _fitting(
        self, new: Callable[..., Sentence], block: PlainBlock, span: Span, whole: Spans, *, is_part: bool
    ) -> Iterator[Sentence]:
        """The sentence of this span, or its parts where it has too many tokens."""
        span = block.without_mentions(span)
        if not has_words(block.words_only[span.start : span.end]):
            return
        sentence = new(block, span, is_part=is_part)
        is_long = len(sentence.ids) > self.most_tokens
        parts = split_clauses(block.readable, span.start, span.end, whole) if is_long else []
        if len(parts) > 1:
            for part in parts:
                yield from self._fitting(new, block, part, whole, is_part=True)
        else:
            yield sentence
