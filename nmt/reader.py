"""From a text to what a model reads of it: passages, with what has to be kept set aside."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nmt.direction import Direction
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
from nmt.text.spelling import Speller
from nmt.tokenizer import Tokenizer, check_unicode


@dataclass(frozen=True)
class Reader:
    """Reads texts for one model. A passage has at most `most_tokens` ids, tag and end included."""

    tokenizer: Tokenizer
    most_tokens: int
    known_words: KnownWords | None = None
    stand_ins: StandIns = field(init=False)
    speller: Speller | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stand_ins", StandIns.of(self.tokenizer))
        speller = None if self.known_words is None else Speller(self.known_words.magnitudes)
        object.__setattr__(self, "speller", speller)

    def read(self, text: str, direction: Direction, options: TextOptions) -> tuple[Passage, ...]:
        """The passages of `text`, in order; none where there is nothing to translate.

        What lies between them stays as it is. A sentence that is too long is split at clauses, or anywhere if it has
        to be. Raises InputError for text that is not valid Unicode and for patterns that can't be used.
        """
        check_unicode(text)
        patterns = compile_patterns(options.protect)
        blocks = parse_html(text) if options.format == "html" else [Block(0, len(text))]
        plain = (PlainBlock.of(text, block, patterns) for block in blocks)
        return tuple(passage for block in plain for passage in self._passages(block, direction, options))

    def _passages(self, block: PlainBlock, direction: Direction, options: TextOptions) -> Iterator[Passage]:
        for span in split_sentences(block.readable, direction.source):
            yield from self._fitting(block, span, direction, options, is_part=False)

    def _fitting(
        self, block: PlainBlock, span: Span, direction: Direction, options: TextOptions, *, is_part: bool
    ) -> Iterator[Passage]:
        """The passage of this span, or those of its parts where it has too many tokens."""
        span = block.without_mentions(span)
        if not has_words(block.words_only[span.start : span.end]):
            return
        sentence = Sentence(
            block, span, direction, options.glossary, self.tokenizer, self.stand_ins, self.known_words,
            self.speller if options.spelling else None, is_part,
        )  # fmt: skip
        parts = split_clauses(block.readable, span.start, span.end) if sentence.length > self.most_tokens else []
        if len(parts) > 1:
            for part in parts:
                yield from self._fitting(block, part, direction, options, is_part=True)
        else:
            yield passage_of(sentence)
