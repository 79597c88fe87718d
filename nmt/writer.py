"""From what a search found to the text that takes a passage's place, with all that was set aside back in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nmt import checks
from nmt.alignment import find_words, fold, strongest_links
from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.passage import Passage
from nmt.search import Hypothesis
from nmt.search.terms import NO_TERM
from nmt.text.case import restore_case
from nmt.text.edits import Edit, Edited, edit
from nmt.text.markup import escape
from nmt.text.numbers import numbers_differ
from nmt.text.placement import place
from nmt.text.segments import Span
from nmt.tokenizer import Tokenizer
from nmt.translation import Segment, Token, Word
from nmt.vocabulary import EOS, SPECIAL_PIECES

_LINE_BREAKS_TO_SPACES = str.maketrans("\n\r", "  ")


@dataclass(frozen=True)
class Written:
    """The target of one passage; spans count from its own start."""

    passage: Passage
    hypothesis: Hypothesis
    text: str
    tokens: tuple[Token, ...]
    words: tuple[Word, ...]
    word_attention: NDArray[np.float32] | None
    links: tuple[tuple[int, int], ...]
    warnings: tuple[str, ...]

    def segment(self, offset: int) -> Segment:
        """All that is known of it, where the target begins at `offset` of the whole."""
        passage, hypothesis = self.passage, self.hypothesis
        return Segment(
            source_start=passage.start,
            source_end=passage.end,
            target_start=offset,
            target_end=offset + len(self.text),
            source_tokens=passage.tokens,
            target_tokens=tuple(_at(token, token.start + offset, token.end + offset) for token in self.tokens),
            token_log_probabilities=hypothesis.token_log_probabilities,
            log_probability=hypothesis.log_probability,
            rank_score=hypothesis.rank_score,
            attention_TS=hypothesis.attention_TS,
            source_words=passage.words,
            target_words=tuple(replace(w, start=w.start + offset, end=w.end + offset) for w in self.words),
            word_attention=self.word_attention,
            links=self.links,
            warnings=self.warnings,
        )


@dataclass(frozen=True)
class Writer:
    """Writes the targets of the passages that were read in `direction`; as markup if `html`."""

    tokenizer: Tokenizer
    direction: Direction
    html: bool = False

    def write(self, passage: Passage, hypothesis: Hypothesis, options: SearchOptions) -> Written:
        """The target text of a finished hypothesis, with markup, protected text and case restored."""
        core, tokens = self._decoded(hypothesis.tokens)
        stand_ins = _stand_ins(passage, hypothesis.tokens, tokens)
        said = [Span(t.start, t.end) for t, term in zip(tokens, hypothesis.terms, strict=False) if term != NO_TERM]
        restored = self._restored(passage, core, stand_ins, said)
        lost = [kept.text for index, kept in enumerate(passage.kept) if index not in stand_ins]
        if lost:
            end = len(restored.text)
            restored = restored.then([Edit(end, end, "".join(f" {text}" for text in lost))])
        moved = _moved(tokens, restored)
        words = find_words(restored.text, moved)
        attention = hypothesis.attention_TS
        word_attention = None if attention is None else fold(attention, words, passage.words)
        links = () if word_attention is None else strongest_links(word_attention)
        span = Span(passage.start, passage.end)
        final = edit(
            restored.text,
            place(passage.text, span, passage.elements, passage.words, restored.text, words, links)
            if passage.elements
            else (),
        )
        said_of = {
            "length_limit": len(hypothesis.tokens) >= options.length_limit(len(passage.ids)),
            "empty_translation": not core,
            "repetition": checks.repeats(hypothesis.tokens[:-1]),
            "possible_omission": checks.may_omit(word_attention, passage.words),
            "copied_source": checks.is_copied(passage.plain, core),
            "numbers_differ": numbers_differ(passage.plain, self.direction.source, core, self.direction.target),
            "low_score": checks.is_doubtful(hypothesis.log_probability, len(hypothesis.tokens)),
            "protected_text_added": bool(lost),
            "split_sentence": passage.is_part,
        }
        return Written(
            passage,
            hypothesis,
            final.text,
            (*_moved(moved, final), Token(SPECIAL_PIECES[EOS], len(final.text), len(final.text), special=True)),
            tuple(_moved_word(word, final) for word in words),
            word_attention,
            links,
            tuple(warning for warning, is_true in said_of.items() if is_true),
        )

    def sketch(self, passage: Passage, ids: Sequence[int]) -> str:
        """The target text of a hypothesis that may go on; markup and marks are not in it yet."""
        core, tokens = self._decoded(ids if ids and ids[-1] == EOS else (*ids, EOS))
        return self._restored(passage, core, _stand_ins(passage, ids, tokens), []).text

    def _decoded(self, ids: Sequence[int]) -> tuple[str, list[Token]]:
        """One line of text without white space at its edges, and a token for each of the ids but the last, EOS."""
        decoded, tokens = self.tokenizer.decode(ids)
        decoded = decoded.translate(_LINE_BREAKS_TO_SPACES)
        core, cut = decoded.strip(), len(decoded) - len(decoded.lstrip())

        def moved(place: int) -> int:
            return max(0, min(place - cut, len(core)))

        return core, [_at(token, moved(token.start), moved(token.end)) for token in tokens[:-1]]

    def _restored(self, passage: Passage, core: str, stand_ins: dict[int, Span], said: Sequence[Span]) -> Edited:
        """The case of the source, what is protected in place of its stand-ins, and markup's own characters escaped."""
        keep = sorted({*stand_ins.values(), *said})
        cased = edit(core, restore_case(core, passage.case, self.direction.target, keep))
        edits = []
        for index, span in stand_ins.items():
            kept, (start, end) = passage.kept[index], cased.forward(*span)
            glued = bool(kept.after) and cased.text[:start].endswith(f"{kept.after} ")
            edits.append(Edit(start - glued, end, kept.text))
        if self.html:
            taken = [(one.start, one.end) for one in edits]
            edits += [
                one for one in escape(cased.text) if all(one.end <= start or one.start >= end for start, end in taken)
            ]
        return cased.then(edits)


def _stand_ins(passage: Passage, ids: Sequence[int], tokens: Sequence[Token]) -> dict[int, Span]:
    """Where the stand-ins are, by their place in `passage.kept`; each stands there once, for its token is its own."""
    index_of = {passage.terms[index].tokens[0]: index for index in range(len(passage.kept))}
    pairs = zip(ids, tokens, strict=False)
    return {index_of[one]: Span(token.start, token.end) for one, token in pairs if one in index_of}


def _moved(tokens: Sequence[Token], edited: Edited) -> list[Token]:
    return [_at(token, *edited.forward(token.start, token.end)) for token in tokens]


def _at(token: Token, start: int, end: int) -> Token:
    return Token(token.piece, start, end, token.special)


def _moved_word(word: Word, edited: Edited) -> Word:
    start, end = edited.forward(word.start, word.end)
    return replace(word, start=start, end=end)
