"""One training run: its parts put together from the configuration, begun, or taken up where it stopped."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from rich.console import Console

from nmt.artifact import Artifact, save_artifact
from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.errors import ConfigError
from nmt.files import replace_file
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer
from training.averaging import MovingAverage
from training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from training.config import DeviceKind, TrainingConfig
from training.corpus import ParallelCorpus, TrainingBatch, load_corpus
from training.lock import locked
from training.loop import Loop, Progress
from training.objective import TranslationObjective
from training.observers.logs import JsonLog, TensorBoardLog
from training.observers.meter import Log, Meter
from training.observers.progress import ProgressBar
from training.observers.saving import Saving
from training.observers.signals import Signals
from training.observers.validation import Validation
from training.optimizer import build_optimizer
from training.precision import Precision
from training.sampler import Sampler
from training.schedule import learning_rate, progress_fraction
from training.snapshot import Snapshot, check_resumable
from training.validator import Score, Validator, read_held_out
from training.vocabulary import obtain_tokenizer

CHECKPOINT, BEST, LOG, TOKENIZER, CONFIG = "last.safetensors", "best", "log.jsonl", "tokenizer.model", "config.json"


@dataclass(frozen=True)
class Run:
    """A run in its folder, which holds the configuration, the tokenizer, the log, the last checkpoint, and `best`, a
    model folder to translate with and to serve, also while training goes on."""

    config: TrainingConfig
    console: Console

    @property
    def folder(self) -> Path:
        return Path(self.config.output.folder)

    @property
    def directions(self) -> tuple[Direction, ...]:
        return self.config.data.parsed_directions

    def train(self) -> Signals:
        """Train to the end, or until a signal, which is returned; then say where the model is."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder):
                return self._train()
        except OSError as error:
            raise ConfigError(
                "output.folder", str(self.folder), f"a folder that can be written ({error.strerror})"
            ) from error

    def _train(self) -> Signals:
        options = self.config.training
        if options.threads:
            torch.set_num_threads(options.threads)
        precision = Precision.choose(options.precision, choose_device(options.device))
        checkpoint = self._checkpoint(precision)
        logs: list[Log] = self._logs(checkpoint)
        tokenizer, corpus = self._read_corpus(checkpoint)
        torch.manual_seed(options.seed)
        model = Seq2Seq(self.config.model).to(precision.device)
        sampler = Sampler(
            corpus.source_lengths, corpus.target_lengths, batch_tokens=options.batch_tokens, seed=options.seed
        )
        loop = self._loop(model, _batches(sampler, corpus, precision.device), precision)
        bar = ProgressBar(self.console, lambda: self._fraction(loop.progress))
        logs.append(bar)
        validation, meter = self._validation(model, tokenizer, logs), Meter(logs, options.log_every)
        snapshot = Snapshot(loop, corpus, sampler, validation, meter)
        if checkpoint is not None:
            snapshot.restore(checkpoint)
        self._say(self._summary(loop, len(corpus)))
        saving = Saving(
            lambda: write_checkpoint(self.folder / CHECKPOINT, snapshot.capture(self.config)),
            options.save_every, options.validate_every,
        )  # fmt: skip
        with Signals() as signals, bar:
            loop.observers = [meter, bar, saving, validation, signals]
            loop.run()
        self._say_farewell(validation, signals)
        return signals

    def _checkpoint(self, precision: Precision) -> Checkpoint | None:
        """The checkpoint to go on from, after saying what that means; then the configuration takes its place."""
        path = self.folder / CHECKPOINT
        checkpoint = read_checkpoint(path) if path.exists() else None
        for notice in () if checkpoint is None else check_resumable(checkpoint, self.config, precision):
            self._say(notice)
        text = json.dumps(self.config.to_mapping(), indent=2, ensure_ascii=False)
        replace_file(self.folder / CONFIG, f"{text}\n".encode())
        return checkpoint

    def _logs(self, checkpoint: Checkpoint | None) -> list[Log]:
        step = 0 if checkpoint is None else checkpoint.state["progress"]["step"]
        logs: list[Log] = [JsonLog(self.folder / LOG, step)]
        if self.config.output.tensorboard:
            logs.append(TensorBoardLog(self.folder / "tensorboard"))
        return logs

    def _read_corpus(self, checkpoint: Checkpoint | None) -> tuple[SentencePieceTokenizer, ParallelCorpus]:
        """The training corpus and its tokenizer, which is kept in the run's folder."""
        kept = self.folder / TOKENIZER
        with self.console.status("reading the corpus"):
            if checkpoint is None:
                kept.unlink(missing_ok=True)
            tokenizer = obtain_tokenizer(self.config, kept)
            if checkpoint is None:
                replace_file(kept, tokenizer.serialized)
            corpus, report = load_corpus(self.config.data, self.config.data.train_paths, tokenizer)
        self._say(f"training: {report}")
        return tokenizer, corpus

    def _loop(self, model: Seq2Seq, batches: Iterator[TrainingBatch], precision: Precision) -> Loop:
        options = self.config.training
        return Loop(
            objective=TranslationObjective(model, options.label_smoothing),
            model=model,
            optimizer=build_optimizer(model, options),
            batches=batches,
            learning_rate=lambda progress: learning_rate(options, progress.step + 1, self._fraction(progress)),
            finished=lambda progress: self._fraction(progress) >= 1,
            clip_norm=options.clip_norm,
            precision=precision,
            average=MovingAverage(model, options.average_decay) if options.average_decay else None,
        )

    def _fraction(self, progress: Progress) -> float:
        return progress_fraction(self.config.training, progress.step, progress.target_tokens)

    def _validation(self, model: Seq2Seq, tokenizer: SentencePieceTokenizer, logs: Sequence[Log]) -> Validation:
        data, options = self.config.data, self.config.validation
        corpus, report = load_corpus(
            data, [data.validation_paths], tokenizer, most=options.max_sentences, key="data.validation"
        )
        self._say(f"validation: {report}")
        held_out = [read_held_out(data, direction, options.max_sentences) for direction in self.directions]
        search = SearchOptions(beam_size=options.beam_size)
        validator = Validator(model, tokenizer, corpus, held_out, search, options.samples)

        def save_best(score: Score, loop: Loop) -> None:
            provenance = {
                "training": self.config.to_mapping() | {"progress": asdict(loop.progress)},
                "validation": {"bleu": score.bleu_by_direction, "signatures": score.signatures, "nll": score.nll},
            }
            save_artifact(self.folder / BEST, Artifact(model, self.directions, tokenizer, provenance))

        training = self.config.training
        return Validation(validator, training.validate_every, training.patience, save_best, logs)

    def _summary(self, loop: Loop, examples: int) -> str:
        parameters = sum(parameter.numel() for parameter in loop.model.parameters())
        start = f"going on after step {loop.progress.step:,}" if loop.progress.step else "starting"
        return (
            f"{start} in {self.folder}: {examples:,} examples, {parameters:,} parameters, "
            f"{loop.precision} on {loop.precision.device} with {torch.get_num_threads()} threads"
        )

    def _say_farewell(self, validation: Validation, signals: Signals) -> None:
        if validation.best_bleu >= 0:
            self._say(f"best BLEU {validation.best_bleu:.2f}: {self.folder / BEST}")
        if signals.received:
            self._say("run the same command again to go on")

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)


def choose_device(name: DeviceKind) -> torch.device:
    """`auto` is the GPU where there is one. Raises ConfigError for a GPU that is not there."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("training.device", name, "'cpu' or 'auto': torch finds no CUDA device here")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def _batches(sampler: Sampler, corpus: ParallelCorpus, device: torch.device) -> Iterator[TrainingBatch]:
    return (corpus.batch(indices).to(device) for indices in sampler)
