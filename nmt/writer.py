"""From what a search found to the text that takes a passage's place, with all that was set aside back in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nmt import checks
from nmt.alignment import aligned, find_words
from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.passage import Kept, Passage
from nmt.search import Hypothesis
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
    unknown_words: tuple[int, ...]
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
            corrected_words=passage.corrected,
            unknown_words=self.unknown_words,
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
        in_terms = [(Span(t.start, t.end), term) for t, term in zip(tokens, hypothesis.terms, strict=False)]
        stand_ins = {term: span for span, term in in_terms if 0 <= term < len(passage.kept)}
        glossary: dict[int, list[Span]] = {}
        for span, term in in_terms:
            if term >= len(passage.kept):
                glossary.setdefault(term, []).append(span)
        restored = self._restored(passage, core, stand_ins, list(glossary.values()))
        lost = [kept.text for index, kept in enumerate(passage.kept) if index not in stand_ins]
        if lost:
            end = len(restored.text)
            restored = restored.then([Edit(end, end, "".join(f" {text}" for text in lost))])
        moved = _moved(tokens, restored)
        words = find_words(restored.text, moved)
        word_attention, links = aligned(hypothesis.attention_TS, words, passage.words)
        span = Span(passage.start, passage.end)
        final = edit(
            restored.text,
            place(passage.text, span, passage.elements, passage.words, restored.text, words, links)
            if passage.elements
            else (),
        )
        guessed = checks.guessed_words(passage.unknown, passage.words, core)
        said_of = {
            "length_limit": len(hypothesis.tokens) >= options.length_limit(len(passage.ids)),
            "empty_translation": not core,
            "repetition": checks.repeats(hypothesis.tokens[:-1]),
            "possible_omission": checks.may_omit(word_attention, passage.words),
            "copied_source": checks.is_copied(passage.plain, core),
            "numbers_differ": numbers_differ(passage.plain, self.direction.source, core, self.direction.target),
            "corrected_words": bool(passage.corrected),
            "unknown_words": bool(guessed),
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
            guessed,
            tuple(warning for warning, is_true in said_of.items() if is_true),
        )

    def sketch(self, passage: Passage, ids: Sequence[int]) -> str:
        """The target text of a hypothesis that may go on; markup and marks are not in it yet."""
        core, tokens = self._decoded(ids if ids and ids[-1] == EOS else (*ids, EOS))
        return self._restored(passage, core, _likely_stand_ins(passage, ids, tokens)).text

    def _decoded(self, ids: Sequence[int]) -> tuple[str, list[Token]]:
        """One line of text without white space at its edges, and a token for each of the ids but the last, EOS."""
        decoded, tokens = self.tokenizer.decode(ids)
        decoded = decoded.translate(_LINE_BREAKS_TO_SPACES)
        core, cut = decoded.strip(), len(decoded) - len(decoded.lstrip())

        def moved(place: int) -> int:
            return max(0, min(place - cut, len(core)))

        return core, [_at(token, moved(token.start), moved(token.end)) for token in tokens[:-1]]

    def _restored(
        self, passage: Passage, core: str, stand_ins: dict[int, Span], glossary: Sequence[Sequence[Span]] = ()
    ) -> Edited:
        """The case of the source, what is protected in place of its stand-ins, and markup's own characters escaped.

        Terms of the glossary, the spans of their tokens each, stay as they were said; letters that the model goes on
        with stand apart from them.
        """
        keep = sorted({*stand_ins.values(), *(span for term in glossary for span in term)})
        cased = edit(core, restore_case(core, passage.case, self.direction.target, keep))
        edits: list[Edit] = []
        for index, span in sorted(stand_ins.items(), key=lambda item: item[1]):
            edits.append(put_back(passage.kept[index], cased.text, cased.forward(*span), edits[-1].end if edits else 0))
        taken = [(one.start, one.end) for one in edits]
        ends = [cased.forward(*term[-1])[1] for term in glossary]
        edits += [
            Edit(end, end, " ") for end in ends if cased.text[end - 1 : end + 1].isalnum() and end < len(cased.text)
        ]
        if self.html:
            edits += [
                one for one in escape(cased.text) if all(one.end <= start or one.start >= end for start, end in taken)
            ]
        return cased.then(edits)


def _likely_stand_ins(passage: Passage, ids: Sequence[int], tokens: Sequence[Token]) -> dict[int, Span]:
    """Where the stand-ins are, by their place in `passage.kept`, unless another term or a prefix has their tokens."""
    index_of = {passage.terms[index].tokens[0]: index for index in range(len(passage.kept))}
    pairs = zip(ids, tokens, strict=False)
    return {index_of[one]: Span(token.start, token.end) for one, token in pairs if one in index_of}


def put_back(kept: Kept, text: str, span: tuple[int, int], done: int) -> Edit:
    """What takes the place of a stand-in, and of a space beside it where there was none; nothing ahead of `done`.

    Letters that the model goes on with, as if the stand-in were half a word, stand apart.
    """
    start, end = span
    if kept.after and re.search(rf"(?:\b|(?=\W)){re.escape(kept.after)} \Z", text[done:start]):
        start -= 1
    if kept.before and re.match(rf" {re.escape(kept.before)}(?:\b|(?<=\W))", text[end:]):
        end += 1
    runs_on = text[end : end + 1].isalnum() and not kept.before[:1].isalnum()
    return Edit(start, end, f"{kept.text} " if runs_on else kept.text)


def _moved(tokens: Sequence[Token], edited: Edited) -> list[Token]:
    return [_at(token, *edited.forward(token.start, token.end)) for token in tokens]


def _at(token: Token, start: int, end: int) -> Token:
    return Token(token.piece, start, end, token.special)


def _moved_word(word: Word, edited: Edited) -> Word:
    start, end = edited.forward(word.start, word.end)
    return replace(word, start=start, end=end)
