"""Text in, translation out, with all that is known of how it came about."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Self

from nmt.artifact import load_artifact
from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.engine.reference import ReferenceScorer
from nmt.errors import ArtifactError, DirectionError, InputError
from nmt.model import Seq2Seq
from nmt.passage import Passage, as_segment, read_passage, read_source, write_passage
from nmt.search import Hypothesis, search
from nmt.search.forced import force_decode
from nmt.tokenizer import Tokenizer, check_unicode
from nmt.translation import Segment, Translation
from nmt.vocabulary import EOS

BUNDLED = Path(__file__).parent / "models" / "en-de"
MAX_SOURCE_TOKENS = 200
BATCH_TOKENS = 4096
BATCH_ROWS = 512
WINDOW = 1024
LONG_CHARACTERS = 10_000  # then the tokens are counted before spans are made
QUOTED_CHARACTERS = 30

_DEFAULTS = SearchOptions()


class Translator:
    """A model that is ready to translate. Its methods may be called from several threads at once.

    `max_source_tokens` is the longest text that is accepted, in pieces of the tokenizer.
    """

    def __init__(
        self,
        model: Seq2Seq,
        tokenizer: Tokenizer,
        directions: Iterable[Direction],
        *,
        name: str,
        provenance: Mapping[str, Any] | None = None,
        max_source_tokens: int = MAX_SOURCE_TOKENS,
    ) -> None:
        self.model, self.tokenizer, self.directions = model, tokenizer, tuple(directions)
        self.name, self.provenance = name, dict(provenance or {})
        self.max_source_tokens = max_source_tokens
        self._scorer = ReferenceScorer(model, tokenizer.special_ids - {EOS})

    @classmethod
    def load(cls, folder: Path | str | None = None, *, max_source_tokens: int = MAX_SOURCE_TOKENS) -> Self:
        """The model in `folder`, or the one that comes with the package. Raises ArtifactError."""
        if folder is None and not BUNDLED.is_dir():
            raise ArtifactError("this installation has no bundled model; name the folder of a model")
        found = BUNDLED if folder is None else Path(folder)
        artifact = load_artifact(found)
        return cls(
            artifact.model, artifact.tokenizer, artifact.directions, name=found.resolve().name,
            provenance=artifact.provenance, max_source_tokens=max_source_tokens,
        )  # fmt: skip

    def describe(self) -> dict[str, Any]:
        """What this model is, in what JSON can hold."""
        return {
            "name": self.name,
            "directions": [direction.to_mapping() for direction in self.directions],
            "parameters": sum(parameter.numel() for parameter in self.model.parameters()),
            "vocabulary": self.tokenizer.size,
            "max_source_tokens": self.max_source_tokens,
            "model": self.model.config.to_mapping(),
            "provenance": self.provenance,
        }

    def check_direction(self, source: str | None, target: str) -> Direction:
        """The direction of these codes; `source` may be None where one direction alone leads to `target`.

        Raises DirectionError where the model doesn't serve it, or where it is not clear which one is meant.
        """
        fitting = [one for one in self.directions if one.target == target and source in (None, one.source)]
        if len(fitting) == 1:
            return fitting[0]
        served = ", ".join(map(str, self.directions))
        if fitting:
            raise DirectionError(f"{self.name} translates into {target!r} from several languages: name one ({served})")
        asked = f"into {target!r}" if source is None else f"from {source!r} into {target!r}"
        raise DirectionError(f"{self.name} does not translate {asked}; it serves {served}")

    def translate(
        self,
        text: str,
        *,
        source: str | None = None,
        target: str,
        options: SearchOptions = _DEFAULTS,
        prefix: str | None = None,
    ) -> Translation:
        """Translate one text, as `translate_batch` does. The translation starts with the pieces of `prefix`.

        Raises InputError also where `prefix` leaves no room for more within the length limit.
        """
        passage = self._passage(text, self.check_direction(source, target))
        if passage is None:
            return Translation(text, ())
        prefixes = None if prefix is None else [self.tokenizer.encode(prefix).ids]
        (hypotheses,) = search(self._scorer, self._batch([passage]), options, prefixes)
        return self._translation(passage, hypotheses, options)

    def translate_batch(
        self, texts: Sequence[str], *, source: str | None = None, target: str, options: SearchOptions = _DEFAULTS
    ) -> list[Translation]:
        """Translate each text, in the order given; `options.n_best` above 1 fills `alternatives`.

        White space at a text's edges is kept as it is; a text without a letter or digit comes back unchanged. A
        translation that reached the length limit has the warning `length_limit`, one without any text
        `empty_translation`.

        Raises DirectionError, and InputError for what is not valid Unicode or longer than `max_source_tokens`, then
        nothing is translated; and InputError where `options` forbid every translation.
        """
        direction = self.check_direction(source, target)
        names = [repr(text[:QUOTED_CHARACTERS]) for text in texts] if len(texts) > 1 else None
        passages, error = self._passages(texts, direction, names)
        if error is not None:
            raise error
        return self._translations(texts, passages, options)

    def translate_lines(
        self,
        lines: Iterable[str],
        *,
        source: str | None = None,
        target: str,
        options: SearchOptions = _DEFAULTS,
        window: int = WINDOW,
    ) -> Iterator[Translation]:
        """Translate a stream, in order, reading `window` lines ahead: memory does not grow with the stream.

        Raises what `translate_batch` raises; a line's error, with its number, after the translations of those before.
        """
        return self._windows(iter(lines), self.check_direction(source, target), options, window)

    def score(
        self, sources: Sequence[str], targets: Sequence[str], *, source: str | None = None, target: str
    ) -> list[Segment]:
        """How likely the model finds each target as the translation of its source, token by token, in order.

        Raises DirectionError, and InputError for unequally many sources and targets, text that is not valid Unicode,
        and sources longer than `max_source_tokens`.
        """
        direction = self.check_direction(source, target)
        if len(sources) != len(targets):
            raise InputError(f"got {len(sources)} sources and {len(targets)} targets, expected equally many")
        read = [self._source(text, direction) for text in sources]
        given = [read_passage(text, self.tokenizer) for text in targets]
        segments: dict[int, Segment] = {}
        lengths = [len(one.ids) + len(other.ids) for one, other in zip(read, given, strict=True)]
        for places in _batches(lengths, rows_per_sentence=1):
            batch = self._batch([read[place] for place in places])
            found = force_decode(self._scorer, batch, [given[place].ids for place in places])
            for place, hypothesis in zip(places, found, strict=True):
                segments[place] = as_segment(read[place], given[place], hypothesis)
        return [segments[place] for place in range(len(read))]

    def _windows(
        self, lines: Iterator[str], direction: Direction, options: SearchOptions, window: int
    ) -> Iterator[Translation]:
        done = 0
        while texts := list(islice(lines, window)):
            names = [f"line {done + index + 1}" for index in range(len(texts))]
            passages, error = self._passages(texts, direction, names)
            yield from self._translations(texts, passages, options)
            if error is not None:
                raise error
            done += len(texts)

    def _passages(
        self, texts: Sequence[str], direction: Direction, names: Sequence[str] | None
    ) -> tuple[list[Passage | None], InputError | None]:
        """What there is to translate in each text, up to the first that can't be, and why (after its name)."""
        passages: list[Passage | None] = []
        for index, text in enumerate(texts):
            try:
                passages.append(self._passage(text, direction))
            except InputError as error:
                return passages, InputError(f"{names[index]}: {error}") if names else error
        return passages, None

    def _passage(self, text: str, direction: Direction) -> Passage | None:
        """None where there is nothing to translate."""
        passage = self._source(text, direction)
        return passage if passage.pieces and any(character.isalnum() for character in text) else None

    def _source(self, text: str, direction: Direction) -> Passage:
        if len(text) > LONG_CHARACTERS:
            check_unicode(text)
            self._check_length(len(self.tokenizer.encode_lines([text])[0]))
        passage = read_source(text, self.tokenizer, direction.target)
        self._check_length(passage.pieces)
        return passage

    def _check_length(self, pieces: int) -> None:
        if pieces > self.max_source_tokens:
            raise InputError(
                f"the text has {pieces} tokens, expected at most {self.max_source_tokens}: translate it in parts"
            )

    def _batch(self, passages: Sequence[Passage]) -> Batch:
        return Batch.of([passage.ids for passage in passages], self.model.output_bias.device)

    def _translations(
        self, texts: Sequence[str], passages: Sequence[Passage | None], options: SearchOptions
    ) -> list[Translation]:
        """One for each passage; there may be more texts."""
        translations = {place: Translation(texts[place], ()) for place, found in enumerate(passages) if found is None}
        worded = [(place, passage) for place, passage in enumerate(passages) if passage is not None]
        for indices in _batches([len(passage.ids) for _, passage in worded], options.beam_size):
            chosen = [worded[index] for index in indices]
            found = search(self._scorer, self._batch([passage for _, passage in chosen]), options)
            for (place, passage), hypotheses in zip(chosen, found, strict=True):
                translations[place] = self._translation(passage, hypotheses, options)
        return [translations[place] for place in range(len(passages))]

    def _translation(self, source: Passage, hypotheses: Sequence[Hypothesis], options: SearchOptions) -> Translation:
        if not hypotheses:
            raise InputError(
                f"the model has no translation of {source.text[:QUOTED_CHARACTERS]!r} under min_length = "
                f"{options.min_length} and no_repeat_ngram = {options.no_repeat_ngram}: lower them"
            )
        by_text: dict[str, Translation] = {}
        for hypothesis in hypotheses:
            target = write_passage(hypothesis.tokens, self.tokenizer, source)
            if target.text not in by_text:
                segment = as_segment(source, target, hypothesis, _warnings(source, target, options))
                by_text[target.text] = Translation(target.text, (segment,))
        best, *others = by_text.values()
        return Translation(best.text, best.segments, tuple(others))


def _warnings(source: Passage, target: Passage, options: SearchOptions) -> tuple[str, ...]:
    said = {
        "length_limit": len(target.ids) >= options.length_limit(len(source.ids)),
        "empty_translation": target.start == target.end,
    }
    return tuple(warning for warning, is_true in said.items() if is_true)


def _batches(lengths: Sequence[int], rows_per_sentence: int) -> Iterator[list[int]]:
    """Places of all sentences, similar lengths together, in batches of at most BATCH_TOKENS padded tokens and at most
    BATCH_ROWS rows, or of one sentence."""
    batch: list[int] = []
    most = BATCH_ROWS // rows_per_sentence
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if batch and (len(batch) >= most or (len(batch) + 1) * lengths[batch[0]] > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
