"""One training run: its parts put together from the configuration, begun, or taken up where it stopped."""

import json
import zlib
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

import torch
from rich.console import Console

from nmt.errors import ConfigError
from nmt.files import recover_folder, replace_file, user_path
from nmt.tokenizer import SentencePieceTokenizer
from training.averaging import MovingAverage
from training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from training.distributed import ALONE, World
from training.loop import Loop, Progress
from training.memory import keep_memory
from training.observers.logs import JsonLog, TensorBoardLog
from training.observers.meter import Log, Meter
from training.observers.progress import ProgressBar
from training.observers.reporting import ReportLog
from training.observers.saving import Saving
from training.observers.signals import Signals
from training.observers.validation import Validation
from training.optimizer import build_optimizers
from training.precision import Precision, bound_kernel_caches
from training.resumption import check_resumable
from training.run_folder import RunFolder
from training.schedule import learning_rate, progress_fraction
from training.snapshot import Snapshot
from training.task import Corpus, Resumable, Score, Task, Work
from training.tasks import RunConfig, build_task


@dataclass(frozen=True)
class Run:
    """A run in its folder, which all processes of the `world` read and the main one writes; only that one should be
    given a console that shows. `build_task` says what the configuration trains.
    """

    config: RunConfig
    console: Console
    world: World = ALONE
    build_task: Callable[[RunConfig], Task] = build_task

    @property
    def folder(self) -> RunFolder:
        return RunFolder(user_path(self.config.output.folder))

    def train(self) -> Signals:
        """Train to the end, or until a signal, which is returned; then say where the model is."""
        try:
            with self.folder.held() if self.world.is_main else nullcontext():
                return replace(self, world=self.world.placed(self.config.training.device))._train()
        except OSError as error:
            raise ConfigError(
                "output.folder", str(self.folder), f"a folder that can be written ({error.strerror})"
            ) from error

    def _train(self) -> Signals:
        options, world = self.config.training, self.world
        bound_kernel_caches()
        world.use_threads(options.threads)
        precision = Precision.choose(options.precision, world.device)
        task = self.build_task(self.config)
        with world.main_first():
            checkpoint, changed = self._checkpoint(precision)
            tokenizer = self._obtain_tokenizer(task, checkpoint)
        corpus = self._read_corpus(task, tokenizer)
        self._check_world(checkpoint, tokenizer, corpus, precision)
        keep_memory()
        torch.manual_seed(options.seed)
        with self.console.status("making the model and its batches ready"):
            work = task.build(tokenizer, corpus, world, self.folder.best)
        world.diverge(options.seed)
        signals = Signals()
        loop = self._loop(work, precision, signals)
        bar = ProgressBar(self.console, lambda: self._fraction(loop.progress, work.sampler))
        logs = [*self._logs(), bar]
        self._say(f"validation: {work.validation_report}")
        validation, meter = self._validation(work, logs), Meter(logs, options.log_every)
        snapshot = Snapshot(loop, corpus, work.sampler, validation, meter)
        if checkpoint is not None:
            if validation.measures_otherwise(checkpoint.state.get("validation", {})):
                self._say(f"validation is another than before: the best {work.validator.measure} is found anew")
            snapshot.restore(checkpoint)
            self._look_for_best(validation)
        if world.is_main:
            self.folder.write_config(self.config)
        for log in logs:
            log.began(loop.progress, changed)
        self._say(self._summary(loop, len(corpus)))
        if notice := world.crowded():
            self._say(notice)

        def save() -> None:
            self._save(snapshot)

        with signals, bar:
            saving, first_at_the_end = Saving(save, options.save_every, options.validate_every), Saving(save)
            loop.observers = [meter, bar, saving, validation, first_at_the_end, signals]
            loop.run()
            world.meet()
        self._say_farewell(validation, signals)
        return signals

    def _checkpoint(self, precision: Precision) -> tuple[Checkpoint | None, list[str]]:
        """The checkpoint to go on from, and what has changed since then, which is said, too."""
        if not self.folder.checkpoint.exists():
            return None, []
        checkpoint = read_checkpoint(self.folder.checkpoint)
        changed = list(check_resumable(checkpoint, self.config, precision, self.world))
        for notice in changed:
            self._say(notice)
        return checkpoint, changed

    def _look_for_best(self, validation: Validation) -> None:
        """Have the best model found anew where the main process finds none."""
        if self.world.is_main:
            recover_folder(self.folder.best)
        is_there = bool(self.world.table([self.folder.best.exists()])[0, 0])
        if validation.best is not None and not is_there:
            self._say(f"there is no {self.folder.best}: the best {validation.validator.measure} is found anew")
            validation.forget()

    def _save(self, snapshot: Snapshot) -> None:
        checkpoint = snapshot.capture(self.config)
        if self.world.is_main:
            write_checkpoint(self.folder.checkpoint, checkpoint)

    def _logs(self) -> list[Log]:
        if not self.world.is_main:
            return []
        logs: list[Log] = [JsonLog(self.folder.log)]
        if self.config.output.tensorboard:
            logs.append(TensorBoardLog(self.folder.tensorboard))
        return [*logs, ReportLog(self.folder.path, self._say)]

    def _obtain_tokenizer(self, task: Task, checkpoint: Checkpoint | None) -> SentencePieceTokenizer:
        """The tokenizer of the run, which is kept in its folder; a new run has the main process make it."""
        kept, is_new = self.folder.tokenizer, checkpoint is None and self.world.is_main
        with self.console.status("reading the corpus"):
            tokenizer = task.obtain_tokenizer(None if is_new else kept)
            if is_new:
                replace_file(kept, tokenizer.serialized)
        return tokenizer

    def _read_corpus(self, task: Task, tokenizer: SentencePieceTokenizer) -> Corpus:
        with self.console.status("reading the corpus"):
            corpus, report = task.read(tokenizer)
        self._say(f"training: {report}")
        return corpus

    def _check_world(
        self, checkpoint: Checkpoint | None, tokenizer: SentencePieceTokenizer, corpus: Corpus, precision: Precision
    ) -> None:
        self.world.check_same(
            {
                "the options with sum": zlib.crc32(json.dumps(self.config.to_mapping()).encode()),
                "the checkpoint of step": checkpoint and checkpoint.state["progress"]["step"],
                "the tokenizer with sum": zlib.crc32(tokenizer.serialized),
                "the corpora with sum": corpus.fingerprint(),
                "the precision": str(precision),
            }
        )

    def _loop(self, work: Work, precision: Precision, signals: Signals) -> Loop:
        options = self.config.training

        def fraction(progress: Progress) -> float:
            return self._fraction(progress, work.sampler)

        return Loop(
            objective=work.objective,
            model=work.model,
            optimizers=build_optimizers(work.model, options, precision.dtype, self.world),
            batches=work.batches,
            learning_rate=lambda progress: learning_rate(options, progress.step + 1, fraction(progress)),
            finished=lambda progress: fraction(progress) >= 1,
            clip_norm=options.clip_norm,
            precision=precision,
            average=MovingAverage(work.model, options.average_decay) if options.average_decay else None,
            accumulate=options.accumulate,
            world=self.world,
            received_signal=lambda: signals.pending,
        )

    def _fraction(self, progress: Progress, place: Resumable) -> float:
        return progress_fraction(self.config.training, progress.step, progress.target_tokens, place.epochs)

    def _validation(self, work: Work, logs: Sequence[Log]) -> Validation:
        options = self.config.training
        save_best = work.save_best if self.world.is_main else _save_nothing
        return Validation(work.validator, options.validate_every, options.patience, save_best, logs)

    def _summary(self, loop: Loop, examples: int) -> str:
        parameters = sum(parameter.numel() for parameter in loop.model.parameters())
        start = f"going on after step {loop.progress.step:,}" if loop.progress.step else "starting"
        many = f", {self.world.size} processes" if self.world.size > 1 else ""
        options = self.config.training
        has_end = options.has_length or options.patience
        endless = "" if has_end else "; no max_steps, max_target_tokens, max_epochs or patience: it ends when stopped"
        return (
            f"{start} in {self.folder}: {examples:,} examples, {parameters:,} parameters, "
            f"{loop.precision} on {loop.precision.device} with {torch.get_num_threads()} threads{many}{endless}"
        )

    def _say_farewell(self, validation: Validation, signals: Signals) -> None:
        if validation.best is not None:
            self._say(f"best {validation.best_of_all()}: {self.folder.best}")
        if signals.received:
            self._say("run the same command again to go on")

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)


def _save_nothing(score: Score, progress: Progress) -> None:
    """What the processes do that write nothing."""
