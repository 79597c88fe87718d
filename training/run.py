"""One training run: its parts put together from the configuration, begun, or taken up where it stopped."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console

from nmt.errors import ConfigError
from nmt.files import replace_file
from nmt.tokenizer import SentencePieceTokenizer
from training.averaging import MovingAverage
from training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from training.config import DeviceKind
from training.lock import locked
from training.loop import Loop, Progress
from training.observers.logs import JsonLog, TensorBoardLog
from training.observers.meter import Log, Meter
from training.observers.progress import ProgressBar
from training.observers.saving import Saving
from training.observers.signals import Signals
from training.observers.validation import Validation
from training.optimizer import build_optimizer
from training.precision import Precision, bound_kernel_caches
from training.schedule import learning_rate, progress_fraction
from training.snapshot import Snapshot, check_resumable
from training.task import Corpus, Task, Work
from training.tasks import RunConfig, build_task

CHECKPOINT, BEST, LOG, TOKENIZER, CONFIG = "last.safetensors", "best", "log.jsonl", "tokenizer.model", "config.json"


@dataclass(frozen=True)
class Run:
    """A run in its folder, which holds the configuration, the tokenizer, the log, the last checkpoint, and `best`, a
    model folder to use and to serve, also while training goes on. `build_task` says what the configuration trains."""

    config: RunConfig
    console: Console
    build_task: Callable[[RunConfig], Task] = build_task

    @property
    def folder(self) -> Path:
        return Path(self.config.output.folder)

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
        bound_kernel_caches()
        if options.threads:
            torch.set_num_threads(options.threads)
        precision = Precision.choose(options.precision, choose_device(options.device))
        checkpoint = self._checkpoint(precision)
        logs: list[Log] = self._logs(checkpoint)
        task = self.build_task(self.config)
        tokenizer, corpus = self._read_corpus(task, checkpoint)
        torch.manual_seed(options.seed)
        work = task.build(tokenizer, corpus, precision.device, self.folder / BEST)
        loop = self._loop(work, precision)
        bar = ProgressBar(self.console, lambda: self._fraction(loop.progress))
        logs.append(bar)
        self._say(f"validation: {work.validation_report}")
        validation, meter = self._validation(work, logs), Meter(logs, options.log_every)
        snapshot = Snapshot(loop, corpus, work.sampler, validation, meter)
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

    def _read_corpus(self, task: Task, checkpoint: Checkpoint | None) -> tuple[SentencePieceTokenizer, Corpus]:
        """The training corpus and its tokenizer, which is kept in the run's folder."""
        kept = self.folder / TOKENIZER
        with self.console.status("reading the corpus"):
            if checkpoint is None:
                kept.unlink(missing_ok=True)
            tokenizer = task.obtain_tokenizer(kept)
            if checkpoint is None:
                replace_file(kept, tokenizer.serialized)
            corpus, report = task.read(tokenizer)
        self._say(f"training: {report}")
        return tokenizer, corpus

    def _loop(self, work: Work, precision: Precision) -> Loop:
        options = self.config.training
        return Loop(
            objective=work.objective,
            model=work.model,
            optimizer=build_optimizer(work.model, options),
            batches=work.batches,
            learning_rate=lambda progress: learning_rate(options, progress.step + 1, self._fraction(progress)),
            finished=lambda progress: self._fraction(progress) >= 1,
            clip_norm=options.clip_norm,
            precision=precision,
            average=MovingAverage(work.model, options.average_decay) if options.average_decay else None,
        )

    def _fraction(self, progress: Progress) -> float:
        return progress_fraction(self.config.training, progress.step, progress.target_tokens)

    def _validation(self, work: Work, logs: Sequence[Log]) -> Validation:
        options = self.config.training
        return Validation(work.validator, options.validate_every, options.patience, work.save_best, logs)

    def _summary(self, loop: Loop, examples: int) -> str:
        parameters = sum(parameter.numel() for parameter in loop.model.parameters())
        start = f"going on after step {loop.progress.step:,}" if loop.progress.step else "starting"
        return (
            f"{start} in {self.folder}: {examples:,} examples, {parameters:,} parameters, "
            f"{loop.precision} on {loop.precision.device} with {torch.get_num_threads()} threads"
        )

    def _say_farewell(self, validation: Validation, signals: Signals) -> None:
        if validation.best >= 0:
            self._say(f"best {validation.validator.measure} {validation.best:.2f}: {self.folder / BEST}")
        if signals.received:
            self._say("run the same command again to go on")

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)


def choose_device(name: DeviceKind) -> torch.device:
    """`auto` is the GPU where there is one. Raises ConfigError for a GPU that is not there."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("training.device", name, "'cpu' or 'auto': torch finds no CUDA device here")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
