"""Text in, translation out, with all that is known of how it came about."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Self

from nmt.artifact import Artifact, load_artifact
from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.draft import Draft
from nmt.engine.portable import PortableSearcher, Searcher, Weights
from nmt.engine.reference import ReferenceScorer
from nmt.errors import ArtifactError, DirectionError, InputError
from nmt.known_words import KnownWords
from nmt.model import Seq2Seq
from nmt.passage import Passage
from nmt.reader import Reader
from nmt.scoring import read_given, read_whole, scored_segment
from nmt.search import Hypothesis, search
from nmt.search.forced import force_decode
from nmt.search.scorer import Scorer
from nmt.text.options import TextOptions
from nmt.tokenizer import Tokenizer
from nmt.translation import Segment, Translation
from nmt.vocabulary import EOS
from nmt.writer import Writer

BUNDLED = Path(__file__).parent / "models" / "de-en-es-fr"
MAX_SOURCE_TOKENS = 100
BATCH_TOKENS = 4096
BATCH_ROWS = 512
WINDOW = 1024
QUOTED_CHARACTERS = 30

_DEFAULTS = SearchOptions()
_PLAIN = TextOptions()


class Translator:
    """A model that is ready to translate. Its methods may be called from several threads at once.

    `max_source_tokens` is the longest sentence that is translated as a whole, in pieces of the tokenizer, tag and end
    included; a longer one is translated in parts. `partners` are further models of the same tokenizer: what they and
    `model` predict is averaged (`EnsembleScorer`). Without `known_words`, no warning says that a word is unknown.
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
        partners: Sequence[Seq2Seq] = (),
        known_words: KnownWords | None = None,
    ) -> None:
        self.model, self.tokenizer, self.directions = model, tokenizer, tuple(directions)
        self.name, self.provenance = name, dict(provenance or {})
        self.max_source_tokens = max_source_tokens
        self._searcher = Searcher([ReferenceScorer(each, tokenizer.special_ids - {EOS}) for each in (model, *partners)])
        self.scorer: Scorer[Any] = self._searcher.scorer
        self._reader = Reader(tokenizer, max_source_tokens, known_words)

    @classmethod
    def load(
        cls, folder: Path | str | None = None, *partners: Path | str, max_source_tokens: int = MAX_SOURCE_TOKENS
    ) -> Self:
        """The model in `folder`, or the one that comes with the package; with `partners`, an ensemble.

        Raises ArtifactError, also for partners that have another tokenizer or other directions.
        """
        if folder is None and not BUNDLED.is_dir():
            raise ArtifactError("this installation has no bundled model; name the folder of a model")
        found = BUNDLED if folder is None else Path(folder)
        artifact = load_artifact(found)
        others = [load_artifact(partner) for partner in partners]
        for path, other in zip(partners, others, strict=True):
            _check_partner(found, artifact, Path(path), other)
        return cls(
            artifact.model, artifact.tokenizer, artifact.directions, name=found.resolve().name,
            provenance=artifact.provenance, max_source_tokens=max_source_tokens,
            partners=[other.model for other in others], known_words=artifact.known_words,
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
        if fitting:
            sources = ", ".join(one.source for one in fitting)
            raise DirectionError(f"{self.name} translates into {target!r} from {sources}: say which, as the source")
        served = ", ".join(map(str, self.directions))
        asked = f"into {target!r}" if source is None else f"from {source!r} into {target!r}"
        raise DirectionError(f"{self.name} does not translate {asked}; it serves {served}")

    def draft(
        self, text: str, direction: Direction, options: SearchOptions = _DEFAULTS, text_options: TextOptions = _PLAIN
    ) -> Draft:
        """`text` read, and ready to be searched for passage by passage.

        Raises InputError for text that is not valid Unicode and for a sentence whose terms alone are longer than
        `options.max_length`, ConfigError for a pattern or a term that can't be used.
        """
        passages = self._reader.read(text, direction, text_options)
        for passage in passages:
            _check_terms(passage, options.max_length)
        return Draft(text, passages, options, Writer(self.tokenizer, direction, html=text_options.format == "html"))

    def batch(self, passages: Sequence[Passage]) -> Batch:
        """What `scorer` starts from."""
        return self._searcher.batch(passages)

    def portable(self) -> PortableSearcher:
        """What makes, with `weights`, `scorer` and `batch` again in another process; it can be pickled."""
        return self._searcher.portable()

    def weights(self) -> list[Weights]:
        """The weights of the model, then of its partners; no copies where they are on the CPU."""
        return self._searcher.weights()

    def translate(
        self,
        text: str,
        *,
        source: str | None = None,
        target: str,
        options: SearchOptions = _DEFAULTS,
        text_options: TextOptions = _PLAIN,
        prefix: str | None = None,
    ) -> Translation:
        """Translate one text, as `translate_batch` does. Its first sentence's translation starts with `prefix`.

        Raises InputError also where `prefix` leaves no room for more within the length limit.
        """
        draft = self.draft(text, self.check_direction(source, target), options, text_options)
        return self._translations([draft], None if prefix is None else self.tokenizer.encode(prefix).ids)[0]

    def translate_batch(
        self,
        texts: Sequence[str],
        *,
        source: str | None = None,
        target: str,
        options: SearchOptions = _DEFAULTS,
        text_options: TextOptions = _PLAIN,
    ) -> list[Translation]:
        """Translate each text, in the order given; `options.n_best` above 1 fills `alternatives`.

        A text is translated sentence by sentence; what lies between them is kept as it is, as are markup (if
        `text_options` say that there is some), addresses, placeholders and emoji. A text without words comes back
        unchanged. A segment's `warnings` say what may have gone wrong with it.

        Raises DirectionError, and InputError for what is not valid Unicode, then nothing is translated; and InputError
        where `options` forbid every translation.
        """
        direction = self.check_direction(source, target)
        names = [repr(text[:QUOTED_CHARACTERS]) for text in texts] if len(texts) > 1 else None
        drafts, error = self._drafts(texts, direction, options, text_options, names)
        if error is not None:
            raise error
        return self._translations(drafts)

    def translate_lines(
        self,
        lines: Iterable[str],
        *,
        source: str | None = None,
        target: str,
        options: SearchOptions = _DEFAULTS,
        text_options: TextOptions = _PLAIN,
        window: int = WINDOW,
    ) -> Iterator[Translation]:
        """Translate a stream, in order, reading `window` lines ahead: memory does not grow with the stream.

        Raises what `translate_batch` raises; a line's error, with its number, after the translations of those before.
        """
        return self._windows(iter(lines), self.check_direction(source, target), options, text_options, window)

    def score(
        self, sources: Sequence[str], targets: Sequence[str], *, source: str | None = None, target: str
    ) -> list[Segment]:
        """How likely the model finds each target as the translation of its source, token by token, in order.

        Each text is taken as one segment, as it stands. Raises DirectionError, and InputError for unequally many
        sources and targets and text that is not valid Unicode.
        """
        direction = self.check_direction(source, target)
        if len(sources) != len(targets):
            raise InputError(f"got {len(sources)} sources and {len(targets)} targets, expected equally many")
        read = [read_whole(text, self.tokenizer, direction.target) for text in sources]
        given = [read_given(text, self.tokenizer) for text in targets]
        segments: dict[int, Segment] = {}
        lengths = [len(one.ids) + len(other.ids) for one, other in zip(read, given, strict=True)]
        for places in _batches(lengths, rows_per_sentence=1):
            batch = self.batch([read[place] for place in places])
            found = force_decode(self.scorer, batch, [given[place].ids for place in places])
            for place, hypothesis in zip(places, found, strict=True):
                segments[place] = scored_segment(read[place], given[place], hypothesis)
        return [segments[place] for place in range(len(read))]

    def _windows(
        self,
        lines: Iterator[str],
        direction: Direction,
        options: SearchOptions,
        text_options: TextOptions,
        window: int,
    ) -> Iterator[Translation]:
        done = 0
        while texts := list(islice(lines, window)):
            names = [f"line {done + index + 1}" for index in range(len(texts))]
            drafts, error = self._drafts(texts, direction, options, text_options, names)
            yield from self._translations(drafts)
            if error is not None:
                raise error
            done += len(texts)

    def _drafts(
        self,
        texts: Sequence[str],
        direction: Direction,
        options: SearchOptions,
        text_options: TextOptions,
        names: Sequence[str] | None,
    ) -> tuple[list[Draft], InputError | None]:
        """A draft of each text, up to the first that can't be read, and why (after its name)."""
        drafts: list[Draft] = []
        for index, text in enumerate(texts):
            try:
                drafts.append(self.draft(text, direction, options, text_options))
            except InputError as error:
                return drafts, InputError(f"{names[index]}: {error}") if names else error
        return drafts, None

    def _translations(self, drafts: Sequence[Draft], prefix: Sequence[int] | None = None) -> list[Translation]:
        """Of each draft; the very first passage is led by `prefix`."""
        places = [(draft, index) for draft in drafts for index in range(len(draft.passages))]
        found = self._searched(places, prefix)
        again = {
            at: options
            for at, (draft, index) in enumerate(places)
            if (options := draft.second_try(index, found[at])) is not None and not (prefix and at == 0)
        }
        for options in set(again.values()):
            chosen = [at for at in again if again[at] == options]
            second = self._searched([places[at] for at in chosen], None, options)
            for at, hypotheses in zip(chosen, second, strict=True):
                found[at] = places[at][0].better(found[at], hypotheses)
        in_order = iter(found)
        return [draft.finish(list(islice(in_order, len(draft.passages)))) for draft in drafts]

    def _searched(
        self,
        places: Sequence[tuple[Draft, int]],
        prefix: Sequence[int] | None = None,
        options: SearchOptions | None = None,
    ) -> list[Sequence[Hypothesis]]:
        """What is found for each passage, all drafts having equal options unless others are given."""
        if not places:
            return []
        options = options or places[0][0].options
        passages = [draft.passages[index] for draft, index in places]
        found: dict[int, Sequence[Hypothesis]] = {}
        for indices in _batches([len(passage.ids) for passage in passages], options.beam_size):
            chosen = [passages[index] for index in indices]
            prefixes = None if prefix is None else [prefix if index == 0 else () for index in indices]
            hypotheses = search(self.scorer, self.batch(chosen), options, prefixes, [one.terms for one in chosen])
            found.update(zip(indices, hypotheses, strict=True))
        return [found[index] for index in range(len(passages))]


def _check_terms(passage: Passage, max_length: int) -> None:
    owed = sum(len(term.tokens) for term in passage.terms if not term.exclusive)
    if owed >= max_length:
        quoted = passage.text[passage.start : passage.end][:QUOTED_CHARACTERS]
        raise InputError(f"what the glossary asks for in {quoted!r} takes {owed} tokens; max_length is {max_length}")


def _check_partner(folder: Path, artifact: Artifact, path: Path, partner: Artifact) -> None:
    if partner.tokenizer.serialized != artifact.tokenizer.serialized:
        raise ArtifactError(f"{path} has another tokenizer than {folder}: models of an ensemble read the same pieces")
    if set(partner.directions) != set(artifact.directions):
        raise ArtifactError(f"{path} serves other directions than {folder}: models of an ensemble serve the same")


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
