"""One training run: its parts put together from the configuration, begun, or taken up where it stopped."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console

from nmt.artifact import Artifact, Direction, save_artifact
from nmt.config import SearchOptions
from nmt.errors import ConfigError
from nmt.files import replace_file
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer
from training.averaging import MovingAverage
from training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from training.config import DeviceKind, TrainingConfig
from training.corpus import ParallelCorpus, TrainingBatch, load_corpus
from training.loop import Loop, Observer, Progress
from training.objective import TranslationObjective
from training.observers.logs import JsonLog, TensorBoardLog
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
        return tuple(Direction(source, target) for source, target in self.config.data.language_pairs)

    def train(self) -> None:
        """Train to the end, or until a signal; then say where the model is."""
        options = self.config.training
        if options.threads:
            torch.set_num_threads(options.threads)
        device = choose_device(options.device)
        checkpoint = self._prepare_folder()
        with self.console.status("reading the corpus"):
            tokenizer = self._tokenizer(checkpoint)
            corpus, report = load_corpus(self.config.data, self.config.data.train_paths, tokenizer)
        self._say(str(report))
        torch.manual_seed(options.seed)
        model = Seq2Seq(self.config.model).to(device)
        sampler = Sampler(
            corpus.source_lengths, corpus.target_lengths, batch_tokens=options.batch_tokens, seed=options.seed
        )
        loop = self._loop(model, _batches(sampler, corpus, device), device)
        validation = self._validation(model, tokenizer)
        snapshot = Snapshot(loop, sampler, validation)
        if checkpoint is not None:
            snapshot.restore(checkpoint)
        self._say(self._summary(loop, len(corpus)))
        fraction = lambda: self._fraction(loop.progress)  # noqa: E731
        with Signals() as signals, ProgressBar(self.console, options.log_every, fraction) as bar:
            save = Saving(
                lambda: write_checkpoint(self.folder / CHECKPOINT, snapshot.capture(self.config)), options.save_every
            )
            loop.observers = [*self._logs(validation), bar, validation, save, signals]
            loop.run()
        self._say_farewell(loop, validation)

    def _prepare_folder(self) -> Checkpoint | None:
        """Make the folder, or read the checkpoint in it and say what going on from it means."""
        path = self.folder / CHECKPOINT
        checkpoint = read_checkpoint(path) if path.exists() else None
        for notice in () if checkpoint is None else check_resumable(checkpoint, self.config):
            self._say(notice)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(self.config.to_mapping(), indent=2, ensure_ascii=False)
            replace_file(self.folder / CONFIG, f"{text}\n".encode())
        except OSError as error:
            raise ConfigError(
                "output.folder", str(self.folder), f"a folder that can be written ({error.strerror})"
            ) from None
        return checkpoint

    def _tokenizer(self, checkpoint: Checkpoint | None) -> SentencePieceTokenizer:
        kept = self.folder / TOKENIZER
        if checkpoint is None:
            kept.unlink(missing_ok=True)
        tokenizer = obtain_tokenizer(self.config, kept)
        if checkpoint is None:
            kept.write_bytes(tokenizer.serialized)
        return tokenizer

    def _loop(self, model: Seq2Seq, batches: Iterator[TrainingBatch], device: torch.device) -> Loop:
        options = self.config.training
        return Loop(
            objective=TranslationObjective(model, options.label_smoothing),
            model=model,
            optimizer=build_optimizer(model, options),
            batches=batches,
            learning_rate=lambda progress: learning_rate(options, progress.step + 1, self._fraction(progress)),
            finished=lambda progress: self._fraction(progress) >= 1,
            clip_norm=options.clip_norm,
            precision=Precision.choose(options.precision, device),
            average=MovingAverage(model, options.average_decay) if options.average_decay else None,
        )

    def _fraction(self, progress: Progress) -> float:
        return progress_fraction(self.config.training, progress.step, progress.target_tokens)

    def _validation(self, model: Seq2Seq, tokenizer: SentencePieceTokenizer) -> Validation:
        data, options = self.config.data, self.config.validation
        corpus, _ = load_corpus(
            data, [data.validation_paths], tokenizer, most=options.max_sentences, key="data.validation"
        )
        held_out = [read_held_out(data, direction, options.max_sentences) for direction in self.directions]
        search = SearchOptions(beam_size=options.beam_size)
        validator = Validator(model, tokenizer, corpus, held_out, search, options.samples)

        def save_best(score: Score) -> None:
            provenance = {"validation": {"bleu": score.bleu_by_direction, "nll": score.nll}}
            save_artifact(self.folder / BEST, Artifact(model, self.directions, tokenizer, provenance))

        training = self.config.training
        return Validation(validator, training.validate_every, training.patience, save_best, [self._show])

    def _logs(self, validation: Validation) -> list[Observer]:
        """The logs that are asked for; they listen to validations, too."""
        every = self.config.training.log_every
        logs: list[JsonLog | TensorBoardLog] = [JsonLog(self.folder / LOG, every)]
        if self.config.output.tensorboard:
            logs.append(TensorBoardLog(self.folder / "tensorboard", every))
        validation.listeners += [log.after_validation for log in logs]
        return [*logs]

    def _summary(self, loop: Loop, examples: int) -> str:
        parameters = sum(parameter.numel() for parameter in loop.model.parameters())
        start = f"going on after step {loop.progress.step:,}" if loop.progress.step else "starting"
        return (
            f"{start} in {self.folder}: {examples:,} examples, {parameters:,} parameters, "
            f"{loop.precision} on {loop.precision.device} with {torch.get_num_threads()} threads"
        )

    def _show(self, loop: Loop, score: Score, is_best: bool) -> None:
        mark = "  best so far" if is_best else ""
        by_direction = "  ".join(f"{direction} {bleu:.1f}" for direction, bleu in score.bleu_by_direction.items())
        self._say(
            f"step {loop.progress.step}  validation: BLEU {score.bleu:.2f} ({by_direction})  nll {score.nll:.3f}{mark}"
        )
        for sample in score.samples:
            for name, text in vars(sample).items():
                self._say(f"  {name:<12}{text}")

    def _say_farewell(self, loop: Loop, validation: Validation) -> None:
        self._say(f"stopped after step {loop.progress.step:,}: {loop.stop_reason}")
        if validation.best_bleu >= 0:
            self._say(f"best BLEU {validation.best_bleu:.2f}: {self.folder / BEST}")
        if not loop.finished(loop.progress):
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
