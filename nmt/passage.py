"""The part of a text that is translated: between the white space at its edges, in words and in ids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nmt.alignment import find_words, fold, strongest_links
from nmt.search.hypothesis import Hypothesis
from nmt.tokenizer import Tokenizer
from nmt.translation import Segment, Token
from nmt.vocabulary import EOS, SPECIAL_PIECES, language_tag

_LINE_BREAKS_TO_SPACES = str.maketrans("\n\r", "  ")


@dataclass(frozen=True)
class Passage:
    """`text[start:end]` as `ids` that end in EOS, a token for each; spans count in the whole text."""

    text: str
    start: int
    end: int
    ids: tuple[int, ...]
    tokens: tuple[Token, ...]

    @property
    def pieces(self) -> int:
        """How many of the tokens are text."""
        return sum(not token.special for token in self.tokens)


def read_passage(text: str, tokenizer: Tokenizer) -> Passage:
    """Raises InputError for text that is not valid Unicode."""
    core = text.strip()
    start = len(text) - len(text.lstrip())
    encoding = tokenizer.encode(core)
    tokens = _placed(encoding.tokens, start, start, start + len(core))
    return Passage(text, start, start + len(core), (*encoding.ids, EOS), tokens)


def read_source(text: str, tokenizer: Tokenizer, target: str) -> Passage:
    """A passage that begins with the tag of the language `target`, where the tokenizer knows that tag."""
    passage = read_passage(text, tokenizer)
    tag = language_tag(target)
    tag_id = tokenizer.id_of(tag)
    if tag_id is None:
        return passage
    token = Token(tag, passage.start, passage.start, special=True)
    return replace(passage, ids=(tag_id, *passage.ids), tokens=(token, *passage.tokens))


def write_passage(ids: Sequence[int], tokenizer: Tokenizer, source: Passage) -> Passage:
    """The target `ids` (EOS last) as one line of text, with the white space that stands around `source`."""
    decoded, tokens = tokenizer.decode(ids)
    decoded = decoded.translate(_LINE_BREAKS_TO_SPACES)
    core = decoded.strip()
    cut = len(decoded) - len(decoded.lstrip())
    text = source.text[: source.start] + core + source.text[source.end :]
    end = source.start + len(core)
    return Passage(text, source.start, end, tuple(ids), _placed(tokens[:-1], source.start - cut, source.start, end))


def as_segment(source: Passage, target: Passage, hypothesis: Hypothesis, warnings: tuple[str, ...] = ()) -> Segment:
    """What the hypothesis, whose ids are those of `target`, says of the two passages."""
    source_words = find_words(source.text, source.tokens, source.start, source.end)
    target_words = find_words(target.text, target.tokens, target.start, target.end)
    attention_TS = hypothesis.attention_TS
    word_attention = None if attention_TS is None else fold(attention_TS, target_words, source_words)
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
        attention_TS=attention_TS,
        source_words=source_words,
        target_words=target_words,
        word_attention=word_attention,
        links=() if word_attention is None else strongest_links(word_attention),
        warnings=warnings,
    )


def _placed(tokens: Sequence[Token], offset: int, start: int, end: int) -> tuple[Token, ...]:
    """The tokens of a passage, their spans moved by `offset` and kept within it, and EOS behind them."""

    def moved(place: int) -> int:
        return max(start, min(place + offset, end))

    placed = [Token(token.piece, moved(token.start), moved(token.end), token.special) for token in tokens]
    return (*placed, Token(SPECIAL_PIECES[EOS], end, end, special=True))
