"""A text on its way through a translator: read, searched passage by passage, put together again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nmt.checks import repeats
from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.passage import Passage
from nmt.search import Hypothesis
from nmt.translation import Segment, Translation
from nmt.writer import Writer, Written

LOOPING_NGRAM = 3
QUOTED_CHARACTERS = 30


@dataclass(frozen=True)
class Draft:
    """`text` with the passages that are to be searched for, each by itself, with `options`.

    None where there is nothing to translate. Between the passages the text stays as it is.
    """

    text: str
    passages: tuple[Passage, ...]
    options: SearchOptions
    writer: Writer

    def second_try(self, index: int, found: Sequence[Hypothesis]) -> SearchOptions | None:
        """How to search for passage `index` again where its best hypothesis goes round in circles, else None."""
        if self.options.no_repeat_ngram or not found or not repeats(found[0].tokens[:-1]):
            return None
        return replace(self.options, no_repeat_ngram=LOOPING_NGRAM)

    def better(self, first: Sequence[Hypothesis], second: Sequence[Hypothesis]) -> Sequence[Hypothesis]:
        """Of what two searches found, the second where it doesn't go round in circles."""
        return first if not second or repeats(second[0].tokens[:-1]) else second

    def segment_text(self, index: int, tokens: Sequence[int]) -> str:
        """What the target of passage `index` reads, as far as `tokens` go; markup and emoji are not placed yet."""
        return self.writer.sketch(self.passages[index], tokens)

    def finish(self, found: Sequence[Sequence[Hypothesis]]) -> Translation:
        """The translation; `found[i]` are the hypotheses of passage i, best first.

        The n-th alternative is made of each passage's n-th best, or its last where it has fewer. Raises InputError
        where a passage has none, because the options forbid them all.
        """
        for passage, hypotheses in zip(self.passages, found, strict=True):
            if not hypotheses:
                raise InputError(
                    f"the model has no translation of {passage.plain[:QUOTED_CHARACTERS]!r} under min_length = "
                    f"{self.options.min_length} and no_repeat_ngram = {self.options.no_repeat_ngram}: lower them"
                )
        written = [
            [self.writer.write(passage, hypothesis, self.options) for hypothesis in hypotheses]
            for passage, hypotheses in zip(self.passages, found, strict=True)
        ]
        count = max(map(len, written), default=1)
        by_text: dict[str, Translation] = {}
        for rank in range(count):
            chosen = [options[min(rank, len(options) - 1)] for options in written]
            translation = self._joined(chosen)
            by_text.setdefault(translation.text, translation)
        best, *others = by_text.values()
        return replace(best, alternatives=tuple(others))

    def _joined(self, chosen: Sequence[Written]) -> Translation:
        """The text with each passage's target in its place."""
        parts: list[str] = []
        segments: list[Segment] = []
        done = length = 0
        for passage, written in zip(self.passages, chosen, strict=True):
            parts += (self.text[done : passage.start], written.text)
            length += passage.start - done
            segments.append(written.segment(length))
            length += len(written.text)
            done = passage.end
        return Translation("".join([*parts, self.text[done:]]), tuple(segments))
