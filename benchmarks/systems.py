"""The systems that benchmarks/quality.py compares: each is options, and for every seed a run in a folder of its own."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any, cast

from rich.console import Console
from transformer import TransformerConfig
from transformer_task import TransformerTask, load_transformer, parameters

from nmt.config import SearchOptions
from nmt.errors import CheckpointError
from nmt.evaluation import bleu
from nmt.files import replace_file
from nmt.lines import read_lines
from nmt.tokenizer import SentencePieceTokenizer
from nmt.translator import Translator
from training.config import TrainingConfig
from training.config_file import load_tables
from training.preparation.manifest import FileStamp, held_out_stamps_of, stamps_of
from training.report.record import LOG
from training.resumption import option_defaults
from training.run import Run
from training.run_folder import BEST, TOKENIZER
from training.start import with_shape
from training.tasks import build_task

ASKED, FILES = ".asked.json", "files"


@dataclass(frozen=True)
class Text:
    """Sentences and their references, line by line; `name` is that of the files."""

    name: str
    sources: Sequence[str]
    references: Sequence[str]

    @property
    def checksum(self) -> int:
        """Of the sentences to translate."""
        return zlib.crc32("\n".join(self.sources).encode())

    @classmethod
    def read(cls, folder: Path, name: str, source: str, target: str) -> "Text":
        return cls(name, *(list(read_lines(folder / f"{name}.{language}")) for language in (source, target)))


@dataclass(frozen=True)
class Experiment:
    """One system trained with one seed: a recurrent model, or a Transformer where there is a table [transformer]."""

    name: str
    recipe: Path
    overrides: tuple[str, ...]
    seed: int
    folder: Path

    @cached_property
    def _tables(self) -> dict[str, Any]:
        own = (f"training.seed={self.seed}", f"output.folder={self.folder}")
        return load_tables(self.recipe, (*self.overrides, *own))

    @cached_property
    def config(self) -> TrainingConfig:
        tables = {key: self._tables[key] for key in self._tables if key != "transformer"}
        return TrainingConfig.from_mapping(with_shape(tables))

    @cached_property
    def shape(self) -> TransformerConfig | None:
        """The Transformer's, None for a recurrent model."""
        if "transformer" not in self._tables:
            return None
        size = {"vocabulary_size": self.config.model.vocabulary_size}
        return TransformerConfig.from_mapping(self._tables["transformer"] | size, "transformer")

    def train(self, console: Console) -> None:
        """Train to the end, or go on to it; a run that is there already stays as it is.

        Raises CheckpointError where the folder holds a run with other options or of other text; options that it does
        not know yet count as having had their defaults. Files that are no longer there are not missed.
        """
        self._check_folder()
        if self.is_finished:
            return
        console.rule(f"{self.name}, seed {self.seed}")
        shape = self.shape
        build = build_task if shape is None else lambda config: TransformerTask(cast(TrainingConfig, config), shape)
        signals = Run(self.config, console, build_task=build).train()
        if signals.received:
            raise SystemExit(128 + signals.received)

    def _check_folder(self) -> None:
        asked = self.config.to_mapping() | {"transformer": None if self.shape is None else self.shape.to_mapping()}
        del asked["output"], asked["data"]["folder"]
        path = self.folder / ASKED
        if path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
            files = kept.pop(FILES, [])
            self._check_files([FileStamp(**stamp) for stamp in files])
            if self._completed(kept) != self._completed(asked):
                raise CheckpointError(
                    f"{self.folder} holds a run with other options than those given now: name another"
                )
        else:
            files = [asdict(stamp) for stamp in (*stamps_of(self.config), *held_out_stamps_of(self.config))]
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps(asked | {FILES: files}, indent=2).encode())

    def _check_files(self, stamps: Sequence[FileStamp]) -> None:
        root = self.config.data.root
        for stamp in stamps:
            if stamp.has_changed(root):
                changed = f"{root / stamp.name} has changed"
                raise CheckpointError(
                    f"{self.folder} holds a run that learnt from other text ({changed}): name another"
                )

    def _completed(self, tables: dict[str, Any]) -> dict[str, Any]:
        defaults = option_defaults(self.config)
        return {name: table and defaults.get(name, {}) | table for name, table in tables.items()}

    @property
    def is_finished(self) -> bool:
        wanted = self.config.training.max_target_tokens
        return any(tokens >= wanted for tokens, _ in self.curve)

    @property
    def log(self) -> list[dict[str, Any]]:
        path = self.folder / LOG
        return [json.loads(line) for line in read_lines(path)] if path.exists() else []

    @property
    def tokens_per_s(self) -> float:
        """Target tokens a second in training, the median of what the log has; 0 where it has nothing."""
        speeds = [line["tokens_per_s"] for line in self.log if line["event"] == "train"]
        return float(median(speeds[1:] or speeds or [0.0]))

    @property
    def curve(self) -> list[tuple[int, float]]:
        """Target tokens and greedy BLEU of each validation."""
        return [(line["target_tokens"], line["bleu"]) for line in self.log if line["event"] == "validation"]

    @property
    def nll(self) -> float:
        """Of val, in nats for each target token, of the model that validates best; comparable in one vocabulary."""
        validations = [line for line in self.log if line["event"] == "validation"]
        return float(max(validations, key=lambda line: line["bleu"])["nll"])

    @cached_property
    def translator(self) -> Translator:
        """Of the best model that validations found."""
        if self.shape is None:
            return Translator.load(self.folder / BEST)
        tokenizer = SentencePieceTokenizer.load(self.folder / TOKENIZER)
        return load_transformer(self.folder / BEST, tokenizer, self.config.data.parsed_directions)

    @property
    def parameters(self) -> int:
        return parameters(self.translator.model)

    def translations(self, text: Text, options: SearchOptions) -> list[str]:
        """What the best model makes of the text, kept in the run's folder and read from there the next time."""
        kept = (
            self.folder / f"{text.name}.{text.checksum:08x}.beam{options.beam_size}.alpha{options.length_penalty:g}.txt"
        )
        if not kept.exists():
            direction = self.config.data.parsed_directions[0]
            found = self.translator.translate_batch(
                text.sources, source=direction.source, target=direction.target, options=options
            )
            replace_file(kept, "".join(f"{one.text}\n" for one in found).encode())
        return list(read_lines(kept))

    def bleu(self, text: Text, options: SearchOptions) -> float:
        target = self.config.data.parsed_directions[0].target
        return bleu(self.translations(text, options), text.references, target=target).score
