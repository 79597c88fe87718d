"""One training run: its parts put together from the configuration, begun, or taken up where it stopped."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from nmt.artifact import Artifact, Direction, save_artifact
from nmt.config import SearchOptions
from nmt.errors import CheckpointError, ConfigError
from nmt.lines import read_parallel
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer, train_sentencepiece
from nmt.vocabulary import language_tag
from training.averaging import MovingAverage
from training.checkpoint import Checkpoint, environment, read_checkpoint, write_checkpoint
from training.config import DataConfig, TrainingConfig
from training.corpus import ParallelCorpus, TrainingBatch, load_corpus
from training.loop import Loop, Progress
from training.objective import TranslationObjective
from training.observers.logs import JsonLog, TensorBoardLog
from training.observers.progress import ProgressBar
from training.observers.saving import Saving
from training.observers.signals import Signals
from training.observers.validation import Validation
from training.optimizer import build_optimizer, optimizer_tensors, restore_optimizer
from training.precision import Precision
from training.sampler import Sampler
from training.schedule import learning_rate, progress_fraction
from training.validator import HeldOut, Score, Validator

CHECKPOINT, BEST, LOG, TOKENIZER, CONFIG = "last.safetensors", "best", "log.jsonl", "tokenizer.model", "config.json"


@dataclass
class Run:
    """The parts of a run. Its folder holds the configuration, the tokenizer, the log, the last checkpoint, and `best`,
    a model folder that can be translated with and served while training goes on."""

    config: TrainingConfig
    console: Console
    folder: Path = field(init=False)
    device: torch.device = field(init=False)

    def __post_init__(self) -> None:
        self.folder = Path(self.config.output.folder)
        self.device = choose_device(self.config.training.device)

    @property
    def checkpoint_path(self) -> Path:
        return self.folder / CHECKPOINT

    def train(self) -> None:
        """Train to the end, or until a signal; then say where the model is."""
        options = self.config.training
        if options.threads:
            torch.set_num_threads(options.threads)
        checkpoint = read_checkpoint(self.checkpoint_path) if self.checkpoint_path.exists() else None
        self._prepare_folder(checkpoint)
        tokenizer = self._tokenizer(resuming=checkpoint is not None)
        corpus = self._corpus(tokenizer)
        torch.manual_seed(options.seed)
        model = Seq2Seq(self.config.model).to(self.device)
        sampler = Sampler(
            corpus.source_lengths, corpus.target_lengths, batch_tokens=options.batch_tokens, seed=options.seed
        )
        loop = self._loop(model, sampler, corpus)
        validation = self._validation(model, tokenizer)
        if checkpoint is not None:
            self._restore(checkpoint, loop, sampler, validation)
        self.console.print(self._summary(model, corpus, loop), highlight=False)
        with (
            Signals() as signals,
            ProgressBar(self.console, options.log_every, lambda: self._fraction(loop.progress)) as bar,
        ):
            log = JsonLog(self.folder / LOG, options.log_every)
            validation.listeners += [log.after_validation, self._show]
            saving = Saving(lambda: self._save(loop, sampler, validation), options.save_every)
            loop.observers = [log, bar, validation, saving, signals]
            if self.config.output.tensorboard:
                board = TensorBoardLog(self.folder / "tensorboard", options.log_every)
                validation.listeners.append(board.after_validation)
                loop.observers = [board, *loop.observers]
            loop.run()
        self._say_farewell(loop, validation)

    def _prepare_folder(self, checkpoint: Checkpoint | None) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                "output.folder", str(self.folder), f"a folder that can be made ({error.strerror})"
            ) from None
        if checkpoint is not None:
            self._check_resumable(checkpoint)
        text = json.dumps(self.config.to_mapping(), indent=2, ensure_ascii=False)
        (self.folder / CONFIG).write_text(text + "\n", encoding="utf-8")

    def _check_resumable(self, checkpoint: Checkpoint) -> None:
        """Say what resuming will do; refuse where model or data are others than the checkpoint's."""
        then, now = checkpoint.state["config"], self.config.to_mapping()
        for table, key in differences(then, now):
            if table in ("model", "data"):
                raise CheckpointError(
                    f"{self.checkpoint_path} was made with {table}.{key} = {then[table].get(key)!r}, now it is "
                    f"{now[table].get(key)!r}: go on with the old value, or start anew with another output.folder"
                )
            self.console.print(f"changed since the checkpoint: {table}.{key} is now {now[table].get(key)!r}")
        for name, value in environment().items():
            was = checkpoint.state["environment"].get(name)
            if was != value:
                self.console.print(
                    f"the checkpoint was made with {name} {was}, this is {value}: "
                    "the run goes on, but not bit for bit as it would have there"
                )

    def _tokenizer(self, *, resuming: bool) -> SentencePieceTokenizer:
        data, own = self.config.data, self.folder / TOKENIZER
        if resuming:
            tokenizer = SentencePieceTokenizer.load(own)
        elif data.tokenizer_path is not None:
            tokenizer = SentencePieceTokenizer.load(data.tokenizer_path)
        else:
            with self.console.status("training the tokenizer"):
                tokenizer = train_sentencepiece(
                    training_lines(data), vocabulary_size=self.config.model.vocabulary_size,
                    symbols=language_tags(data), seed=self.config.training.seed,
                )  # fmt: skip
        if tokenizer.size != self.config.model.vocabulary_size:
            raise ConfigError(
                "model.vocabulary_size", self.config.model.vocabulary_size, f"{tokenizer.size}, the tokenizer's size"
            )
        own.write_bytes(tokenizer.serialized)
        return tokenizer

    def _corpus(self, tokenizer: SentencePieceTokenizer) -> ParallelCorpus:
        with self.console.status("reading and tokenizing the corpus"):
            corpus, report = load_corpus(self.config.data, self.config.data.train_paths, tokenizer)
        self.console.print(str(report), highlight=False)
        return corpus

    def _loop(self, model: Seq2Seq, sampler: Sampler, corpus: ParallelCorpus) -> Loop:
        options = self.config.training
        return Loop(
            objective=TranslationObjective(model, options.label_smoothing),
            model=model,
            optimizer=build_optimizer(model, options),
            batches=_batches(sampler, corpus, self.device),
            learning_rate=lambda progress: learning_rate(options, progress.step + 1, self._fraction(progress)),
            finished=lambda progress: self._fraction(progress) >= 1,
            clip_norm=options.clip_norm,
            precision=Precision.choose(options.precision, self.device),
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
        every, patience = self.config.training.validate_every, self.config.training.patience

        def save_best(score: Score) -> None:
            provenance = {"validation": {"bleu": score.bleu_by_direction, "nll": score.nll}}
            save_artifact(self.folder / BEST, Artifact(model, self.directions, tokenizer, provenance))

        return Validation(validator, every, patience, save_best, [])

    @property
    def directions(self) -> tuple[Direction, ...]:
        return tuple(Direction(source, target) for source, target in self.config.data.language_pairs)

    def _save(self, loop: Loop, sampler: Sampler, validation: Validation) -> None:
        tensors = {f"model.{name}": tensor for name, tensor in loop.model.state_dict().items()}
        for name, tensor in optimizer_tensors(loop.model, loop.optimizer).items():
            tensors[f"optimizer.{name}"] = tensor
        if loop.average is not None:
            tensors |= {f"average.{name}": tensor for name, tensor in loop.average.tensors.items()}
        tensors["random.cpu"] = torch.get_rng_state()
        if self.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state(self.device)
        state = {
            "progress": vars(loop.progress),
            "sampler": sampler.state(),
            "validation": validation.state(),
            "config": self.config.to_mapping(),
            "environment": environment(),
        }
        write_checkpoint(self.checkpoint_path, Checkpoint(tensors, state))

    def _restore(self, checkpoint: Checkpoint, loop: Loop, sampler: Sampler, validation: Validation) -> None:
        loop.model.load_state_dict(checkpoint.part("model"))
        restore_optimizer(loop.model, loop.optimizer, checkpoint.part("optimizer"))
        average = checkpoint.part("average")
        if loop.average is not None and average:
            loop.average.restore(average)
        loop.progress = Progress(**checkpoint.state["progress"])
        sampler.restore(checkpoint.state["sampler"])
        validation.restore(checkpoint.state["validation"])
        random = checkpoint.part("random")
        torch.set_rng_state(random["cpu"])
        if self.device.type == "cuda" and "cuda" in random:
            torch.cuda.set_rng_state(random["cuda"], self.device)

    def _summary(self, model: Seq2Seq, corpus: ParallelCorpus, loop: Loop) -> str:
        parameters = sum(parameter.numel() for parameter in model.parameters())
        start = f"going on after step {loop.progress.step:,}" if loop.progress.step else "starting"
        return (
            f"{start} in {self.folder}: {len(corpus):,} examples, {parameters:,} parameters, "
            f"{loop.precision} on {self.device} with {torch.get_num_threads()} threads"
        )

    def _show(self, loop: Loop, score: Score, is_best: bool) -> None:
        mark = "  best so far" if is_best else ""
        by_direction = "  ".join(f"{direction} {bleu:.1f}" for direction, bleu in score.bleu_by_direction.items())
        self.console.print(
            f"step {loop.progress.step}  validation: BLEU {score.bleu:.2f} ({by_direction})  nll {score.nll:.3f}{mark}",
            highlight=False,
        )
        for sample in score.samples:
            for name, text in vars(sample).items():
                self.console.print(f"  {name:<12}{text}", highlight=False, markup=False)

    def _say_farewell(self, loop: Loop, validation: Validation) -> None:
        self.console.print(f"stopped after step {loop.progress.step:,}: {loop.stop_reason}", highlight=False)
        if validation.best_bleu >= 0:
            self.console.print(f"best BLEU {validation.best_bleu:.2f}: {self.folder / BEST}", highlight=False)
        if not loop.finished(loop.progress):
            self.console.print("run the same command again to go on", highlight=False)


def choose_device(name: str) -> torch.device:
    """`auto` is the GPU where there is one."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("training.device", name, "'cpu' or 'auto': torch finds no CUDA device here")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def training_lines(data: DataConfig) -> Iterator[str]:
    """Every line of every corpus, for the joint tokenizer."""
    for corpus in data.train_paths:
        for pair in read_parallel(list(corpus.values())):
            yield from pair


def language_tags(data: DataConfig) -> list[str]:
    """One for each target language where there are several; a model of one target language needs none."""
    targets = data.target_languages
    return [language_tag(target) for target in targets] if len(targets) > 1 else []


def read_held_out(data: DataConfig, direction: Direction, most: int) -> HeldOut:
    paths = data.validation_paths
    pairs = read_parallel([paths[direction.source], paths[direction.target]])
    sources, references = zip(*itertools.islice(pairs, most or None), strict=True)
    return HeldOut(direction, sources, references)


def differences(then: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, str]]:
    """(table, key) of each option whose value differs, but where files lie (`data.folder`) and go (`output`)."""
    found = [(table, key) for table in now for key in now[table] if then.get(table, {}).get(key) != now[table][key]]
    return [(table, key) for table, key in found if table != "output" and (table, key) != ("data", "folder")]


def _batches(sampler: Sampler, corpus: ParallelCorpus, device: torch.device) -> Iterator[TrainingBatch]:
    return (corpus.batch(indices).to(device) for indices in sampler)
