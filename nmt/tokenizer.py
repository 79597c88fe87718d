"""Text to sub-word ids and back, with the span of every piece."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, SupportsInt

import sentencepiece

from nmt.errors import ArtifactError, ConfigError, InputError
from nmt.translation import Token
from nmt.vocabulary import BOS, EOS, PAD, SPECIAL_PIECES, UNK


@dataclass(frozen=True)
class Encoding:
    """A text as ids and, one for each, the tokens that say where they stand in it."""

    ids: tuple[int, ...]
    tokens: tuple[Token, ...]


class Tokenizer(Protocol):
    """What the library needs of a tokenizer; special ids are those of `nmt.vocabulary`."""

    @property
    def size(self) -> int:
        """Number of ids, special ones included."""
        ...

    @property
    def special_ids(self) -> frozenset[int]:
        """Ids that stand for no text: those of `nmt.vocabulary`, and language tags."""
        ...

    def id_of(self, piece: str) -> int | None:
        """The id of a piece or control symbol, None where there is none."""
        ...

    def encode(self, text: str) -> Encoding:
        """Pieces of `text`, no specials added. Raises InputError for text that is not valid Unicode."""
        ...

    def encode_lines(self, lines: Sequence[str]) -> list[list[int]]:
        """Ids of many texts, no specials added."""
        ...

    def decode(self, ids: Sequence[int]) -> tuple[str, tuple[Token, ...]]:
        """The text of `ids`, specials left out of it, and a token for each id, specials too."""
        ...


class SentencePieceTokenizer:
    """A joint SentencePiece model; what it is made of is in `serialized`, the bytes of `tokenizer.model`."""

    def __init__(self, serialized: bytes) -> None:
        self.serialized = serialized
        if not serialized:
            raise ArtifactError("this is not a SentencePiece model: it is empty")
        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_proto=serialized)
        except (RuntimeError, TypeError, OSError) as error:
            raise ArtifactError(f"this is not a SentencePiece model: {error}") from None
        ids = (self._processor.pad_id(), self._processor.unk_id(), self._processor.bos_id(), self._processor.eos_id())
        if ids != (PAD, UNK, BOS, EOS):
            raise ArtifactError(
                f"the SentencePiece model has its pad, unk, bos, eos at {ids}, expected {(PAD, UNK, BOS, EOS)}; "
                "train it with `nmt train`, or with pad_id=0, unk_id=1, bos_id=2, eos_id=3"
            )
        self.special_ids = frozenset(i for i in range(self.size) if i == UNK or self._processor.is_control(i))

    @classmethod
    def load(cls, path: Path) -> "SentencePieceTokenizer":
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise ArtifactError(f"can't read the tokenizer {path}: {error.strerror}") from None
        except ArtifactError as error:
            raise ArtifactError(f"{path}: {error}") from None

    @property
    def size(self) -> int:
        return int(self._processor.get_piece_size())

    def id_of(self, piece: str) -> int | None:
        found = int(self._processor.piece_to_id(piece))
        return None if found == UNK and piece != SPECIAL_PIECES[UNK] else found

    def encode(self, text: str) -> Encoding:
        check_unicode(text)
        found = self._processor.encode(text, return_type="offset_mapping")
        spans = _visible_spans(text, found["offsets"])
        tokens = tuple(Token(piece, *span) for piece, span in zip(found["pieces"], spans, strict=True))
        return Encoding(tuple(found["ids"]), tokens)

    def encode_lines(self, lines: Sequence[str]) -> list[list[int]]:
        ids: list[list[int]] = self._processor.encode(list(lines), return_type=int)
        return ids

    def decode_lines(self, lines: Sequence[Iterable[SupportsInt]]) -> list[str]:
        """The texts of many lines of ids, none of them special."""
        texts: list[str] = self._processor.decode([list(map(int, line)) for line in lines]) if lines else []
        return texts

    def pieces(self) -> list[str]:
        """The text of each piece by its id, empty for special symbols and single bytes."""
        known = self._processor
        return ["" if i in self.special_ids or known.is_byte(i) else known.id_to_piece(i) for i in range(self.size)]

    def scores(self) -> list[float]:
        """The score of each piece by its id: of BPE, minus the rank of the merge that makes it."""
        return [self._processor.get_score(piece) for piece in range(self.size)]

    @property
    def is_bpe(self) -> bool:
        """Whether pieces are merges in order of other pieces, and not those of a unigram model."""
        return all(score.is_integer() for piece, score in zip(self.pieces(), self.scores(), strict=True) if piece)

    def decode(self, ids: Sequence[int]) -> tuple[str, tuple[Token, ...]]:
        special = [i in self.special_ids for i in ids]
        plain = [i for i, is_special in zip(ids, special, strict=True) if not is_special]
        found = self._processor.decode(plain, return_type="offset_mapping")
        spans = iter(_visible_spans(found["text"], found["offsets"]))
        tokens, end = [], 0
        for i, is_special in zip(ids, special, strict=True):
            start, end = (end, end) if is_special else next(spans)
            tokens.append(Token(self._processor.id_to_piece(i), start, end, is_special))
        return found["text"], tuple(tokens)


def check_unicode(text: str) -> None:
    """Raise InputError where `text` holds half of a surrogate pair, which no encoding can carry."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"the text is not valid Unicode: a lone surrogate (U+{ord(text[error.start]):04X}) "
            f"at character {error.start}"
        ) from None


def train_sentencepiece(
    lines: Iterable[str], *, vocabulary_size: int, symbols: Sequence[str] = (), seed: int = 0, threads: int = 2
) -> SentencePieceTokenizer:
    """Train a joint BPE model with byte fallback on `lines`; `symbols` (language tags) become control symbols.

    Raises ConfigError where the text is too small for `vocabulary_size` pieces, and what `lines` raises.
    """
    sentencepiece.set_random_generator_seed(seed)
    model = io.BytesIO()
    faults: list[BaseException] = []
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_watched(lines, faults), model_writer=model, model_type="bpe", vocab_size=vocabulary_size,
            byte_fallback=True, character_coverage=0.9999, normalization_rule_name="nmt_nfkc",
            pad_id=PAD, unk_id=UNK, bos_id=BOS, eos_id=EOS, control_symbols=list(symbols),
            num_threads=threads, minloglevel=2, max_sentence_length=16384,
        )  # fmt: skip
    except RuntimeError as error:
        if faults:
            raise faults[0] from None
        raise ConfigError("model.vocabulary_size", vocabulary_size, _allowed_size(str(error))) from None
    return SentencePieceTokenizer(model.getvalue())


def _watched(lines: Iterable[str], faults: list[BaseException]) -> Iterator[str]:
    """`lines`; keeps what ends the reading, Ctrl-C, too, of which SentencePiece only passes on the text."""
    try:
        yield from lines
    except BaseException as fault:
        faults.append(fault)
        raise


def _allowed_size(reason: str) -> str:
    """What SentencePiece says of a size that it can't reach."""
    if least := re.search(r"required_chars\. \d+ vs (\d+)", reason):
        return f"at least {least[1]}: a piece for each byte, symbol and character of the training text"
    if most := re.search(r"value <= (\d+)", reason):
        return f"at most {most[1]}: the training text has no more pieces"
    return f"a size that the training text can fill ({reason.rsplit('] ', 1)[-1].strip()})"


def _visible_spans(text: str, offsets: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans without the white space at their edges; pieces that spell one character together share its span.

    SentencePiece gives such a character's span to the last of its pieces and an empty span to those before it.
    """
    spans = list(offsets)
    for index in range(len(spans) - 2, -1, -1):
        if spans[index][0] == spans[index][1]:
            spans[index] = spans[index + 1]
    return [_trimmed(text, start, end) for start, end in spans]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
