"""A translation that is given, to be scored: both sides read as they stand, as one segment."""

from collections.abc import Sequence

from nmt.alignment import aligned, find_words
from nmt.passage import Passage
from nmt.search.hypothesis import Hypothesis
from nmt.tokenizer import Tokenizer
from nmt.translation import Segment, Token
from nmt.vocabulary import EOS, SPECIAL_PIECES, language_tag


def read_given(text: str, tokenizer: Tokenizer) -> Passage:
    """`text` but for the white space at its edges. Raises InputError for text that is not valid Unicode."""
    return _read(text, tokenizer, [], [])


def read_whole(text: str, tokenizer: Tokenizer, target: str) -> Passage:
    """The same, behind the tag of the language `target` where the tokenizer knows that tag."""
    tag = language_tag(target)
    tag_id = tokenizer.id_of(tag)
    return _read(text, tokenizer, [], []) if tag_id is None else _read(text, tokenizer, [tag], [tag_id])


def _read(text: str, tokenizer: Tokenizer, tags: Sequence[str], tag_ids: Sequence[int]) -> Passage:
    core = text.strip()
    start = len(text) - len(text.lstrip())
    end = start + len(core)
    encoding = tokenizer.encode(core)
    tokens = (
        *(Token(tag, start, start, special=True) for tag in tags),
        *(Token(token.piece, token.start + start, token.end + start) for token in encoding.tokens),
        Token(SPECIAL_PIECES[EOS], end, end, special=True),
    )
    return Passage(text, start, end, core, (*tag_ids, *encoding.ids, EOS), tokens, find_words(text, tokens, start, end))


def scored_segment(source: Passage, target: Passage, hypothesis: Hypothesis) -> Segment:
    """What the hypothesis, whose ids are those of `target`, says of the two."""
    word_attention, links = aligned(hypothesis.attention_TS, target.words, source.words)
    return Segment(
        source_start=source.start,
        source_end=source.end,
        target_start=target.start,
        target_end=target.end,
        source_tokens=source.tokens,
        target_tokens=target.tokens,
        token_log_probabilities=hypothesis.token_log_probabilities,
        log_probability=hypothesis.log_probability,
        rank_score=hypothesis.rank_score,
        attention_TS=hypothesis.attention_TS,
        source_words=source.words,
        target_words=target.words,
        word_attention=word_attention,
        links=links,
    )
