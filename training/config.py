"""What a training run is made of: every option with its meaning, default and range, in one place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nmt.config import ModelConfig
from nmt.direction import Direction
from nmt.errors import ConfigError
from nmt.files import user_path
from nmt.options import Options, option
from training.corpus_files import MOST_WEIGHT, CorpusFiles

OptimizerKind = Literal["adam", "adamw", "muon"]
ScheduleKind = Literal["constant", "inverse_sqrt", "linear", "cosine"]
PrecisionKind = Literal["auto", "float32", "bfloat16"]
MetricKind = Literal["bleu", "chrf", "nll"]
DeviceKind = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, kw_only=True)
class DataConfig(Options):
    """[data]: which files are learnt from. Paths are joined to `folder`; a relative folder, to the current directory.

    A corpus gives examples in every direction both of whose languages it has, or in those of its own `directions`.
    Files may be compressed (.gz, .zst), and a corpus may be one file of tab-separated values:
    {file = "pairs.tsv", columns = ["en", "de"]}.
    """

    folder: str = option(".", "where the files below are")
    directions: tuple[str, ...] = option(help='what to translate: ["en-de"], ["en-de", "de-en"]')
    train: tuple[dict[str, str | float | tuple[str, ...]], ...] = option(
        help='corpora, language = file, and options (docs/corpora.md): [{en = "train.en", de = "train.de", weight = 2}]'
    )
    validation: dict[str, str | tuple[str, ...]] = option(
        help='held-out files, language = file: {en = "val.en", de = "val.de"}'
    )
    tokenizer: str | None = option(
        None, "SentencePiece model (absent: trained on the corpora, of model.vocabulary_size)"
    )
    max_length: int = option(
        100, "most sub-word pieces on either side of a pair; longer pairs are skipped and counted", minimum=1
    )
    temperature: float | None = option(
        None,
        "T: corpora and directions of n examples each are learnt from in proportion to n^(1/T) x weight "
        "(absent: as if 1; without weights, too, every example once in each epoch)",
        minimum=1,
    )
    direction_weights: dict[str, float] = option(
        {},
        "how often a direction's examples are learnt from, times the weight of their corpus: {en-de = 3} (absent: 1)",
    )
    prepared: str | None = option(
        None, "folder that `nmt prepare` writes and `nmt train` reads, not joined to `folder` (absent: all in memory)"
    )

    @property
    def root(self) -> Path:
        """The folder that names of files are joined to."""
        return user_path(self.folder)

    @property
    def parsed_directions(self) -> tuple[Direction, ...]:
        """Each of `directions`, checked."""
        return tuple(Direction.parse(text, f"directions[{i}]") for i, text in enumerate(self.directions))

    @property
    def language_pairs(self) -> tuple[tuple[str, str], ...]:
        """(source, target) of each direction."""
        return tuple((direction.source, direction.target) for direction in self.parsed_directions)

    @property
    def target_languages(self) -> tuple[str, ...]:
        """Each language that is translated into, once, in the order of the directions."""
        return tuple(dict.fromkeys(target for _, target in self.language_pairs))

    @property
    def corpora(self) -> tuple[CorpusFiles, ...]:
        """Each of `train`, checked."""
        return tuple(CorpusFiles.parse(entry, f"data.train[{i}]", self.root) for i, entry in enumerate(self.train))

    @property
    def held_out(self) -> CorpusFiles:
        """`validation`, checked."""
        return CorpusFiles.parse(self.validation, "data.validation", self.root)

    @property
    def tokenizer_path(self) -> Path | None:
        return None if self.tokenizer is None else self.root / self.tokenizer

    @property
    def prepared_path(self) -> Path | None:
        return None if self.prepared is None else user_path(self.prepared)

    def check(self) -> None:
        if self.prepared == "":
            raise ConfigError("prepared", "", "the name of a folder")
        self._check_directions()
        if not self.train:
            raise ConfigError("train", [], "at least one corpus")
        pairs = self.language_pairs
        try:
            corpora, held_out = self.corpora, self.held_out
        except ConfigError as error:
            raise ConfigError(error.key.removeprefix("data."), error.got, error.allowed) from None
        if held_out.directions:
            raise ConfigError("validation.directions", list(map(str, held_out.directions)), "files alone")
        for index, corpus in enumerate(corpora):
            if not any(corpus.serves(*pair) for pair in pairs):
                wanted = "among its directions one of" if corpus.directions else "both languages of a direction"
                allowed = f"{wanted} {list(self.directions)}"
                raise ConfigError(f"train[{index}]", self.train[index], allowed)
        for index, (source, target) in enumerate(pairs):
            if not any(corpus.serves(source, target) for corpus in corpora):
                found = "; ".join(", ".join(map(str, corpus.directions or corpus.languages)) for corpus in corpora)
                allowed = (
                    f"languages that stand together in a corpus of data.train, or its directions (it has: {found})"
                )
                raise ConfigError(f"directions[{index}]", self.directions[index], allowed)
            for language in (source, target):
                if not held_out.has((language,)):
                    raise ConfigError(
                        "validation", self.validation, f"a file for {language!r} (direction {source}-{target})"
                    )

    def _check_directions(self) -> None:
        if not self.directions:
            raise ConfigError("directions", [], 'at least one, such as "en-de"')
        if len(set(self.directions)) < len(self.directions):
            raise ConfigError("directions", list(self.directions), "each direction once")
        for name, weight in self.direction_weights.items():
            if name not in self.directions:
                raise ConfigError(f"direction_weights.{name}", weight, f"one of the directions {list(self.directions)}")
            if not 0 < weight <= MOST_WEIGHT:
                raise ConfigError(f"direction_weights.{name}", weight, f"a number above 0, up to {MOST_WEIGHT:,}")


@dataclass(frozen=True, kw_only=True)
class CleaningConfig(Options):
    """[cleaning]: which pairs `nmt prepare` leaves out, besides empty ones and those longer than data.max_length."""

    invalid_characters: bool = option(
        True, "those with U+FFFD, bytes that are not UTF-8, private-use or non-characters"
    )
    control_characters: bool = option(True, "those with control characters other than tab")
    identical: bool = option(True, "those whose sides are the same")
    held_out: bool = option(True, "those that data.validation has, too, when the corpora are prepared")
    language_confidence: float = option(
        0.9, "those with a side that is in another language, as surely as this; 1: not looked at", minimum=0, maximum=1
    )
    max_length_ratio: float = option(
        3.0, "those with a side of more than 10 pieces, and of so many times those of the other; 0: any", minimum=0
    )
    duplicates: bool = option(True, "those that came before, in any corpus with the same directions")
    remembered_pairs: int = option(
        100_000_000, "pairs that duplicates are recognised of, the first ones; 16 to 32 bytes of memory each", minimum=1
    )

    def check(self) -> None:
        if 0 < self.max_length_ratio < 1:
            raise ConfigError("max_length_ratio", self.max_length_ratio, "0 or at least 1")


@dataclass(frozen=True, kw_only=True)
class OptimizationConfig(Options):
    """[training]: how the weights are found. A step is one update, from `accumulate` batches."""

    start_from: str | None = option(
        None,
        "model folder whose weights and vocabulary training starts from, and [model] where that says nothing else; "
        "widths may be larger there; the folder has to stay until the run has ended",
    )
    seed: int = option(1, "seed of the weights, the order of the data, and dropout", minimum=0, maximum=2**32 - 1)
    batch_tokens: int = option(
        6000, "size of a batch over all processes: padded source tokens plus padded target tokens", minimum=1
    )
    accumulate: int = option(
        1, "batches of which a step is made: their gradients are added up, as of one batch so much larger", minimum=1
    )
    max_steps: int = option(0, "steps to train; 0: no limit", minimum=0)
    max_target_tokens: int = option(0, "target tokens to train on; 0: no limit", minimum=0)
    max_epochs: float = option(0.0, "times as many examples as there are, to train on; 0: no limit", minimum=0)
    optimizer: OptimizerKind = option(
        "adam",
        "rule that turns gradients into updates; muon is for matrices, with adam beside it for the rest, "
        "embeddings among them",
    )
    learning_rate: float = option(0.001, "highest learning rate", minimum=0)
    betas: tuple[float, ...] = option((0.9, 0.999), "decay per step of Adam's means of gradients and of their squares")
    weight_decay: float = option(0.0, "decoupled weight decay, for optimizer = 'adamw'", minimum=0)
    warmup_steps: int = option(200, "steps in which the learning rate rises from 0", minimum=0)
    schedule: ScheduleKind = option("inverse_sqrt", "how the learning rate falls over the run")
    min_learning_rate: float = option(0.0, "learning rate that the schedule falls towards", minimum=0)
    label_smoothing: float = option(0.1, "probability spread evenly over the vocabulary", minimum=0, maximum=0.9)
    r_drop: float = option(
        0.0, "weight of the divergence of two passes under different dropout, twice the work; 0: one pass", minimum=0
    )
    sampled_softmax: int = option(
        0, "types drawn at random that the softmax is over besides those of the batch; 0: all of them", minimum=0
    )
    bpe_dropout: float = option(
        0.0, "probability that a merge of two pieces is left out, anew for each batch", minimum=0, maximum=0.9
    )
    guided_alignment: float = option(
        0.0,
        "weight of a loss that draws attention to the tokens that an aligner links; 0: attention is free",
        minimum=0,
    )
    clip_norm: float = option(1.0, "largest norm of the gradient of the mean loss per token; 0: not clipped", minimum=0)
    precision: PrecisionKind = option("auto", "arithmetic of the matrix products (auto: bfloat16 where it is fast)")
    average_decay: float = option(
        0.999, "decay per step of the moving average of the weights; 0: none", minimum=0, maximum=0.999999
    )
    device: DeviceKind = option("auto", "where to train (auto: the GPU where there is one; each process has its own)")
    threads: int = option(
        0, "processor threads of each process; 0: all, shared out among them", minimum=0, maximum=1024
    )
    validate_every: int = option(500, "steps between validations", minimum=1)
    save_every: int = option(500, "steps between checkpoints", minimum=1)
    log_every: int = option(50, "steps between lines of the log", minimum=1)
    patience: int = option(0, "validations without a better score after which training stops; 0: never", minimum=0)

    @property
    def start_path(self) -> Path | None:
        return None if self.start_from is None else user_path(self.start_from)

    @property
    def has_length(self) -> bool:
        """Whether it is planned how long training takes."""
        return bool(self.max_steps or self.max_target_tokens or self.max_epochs)

    def check(self) -> None:
        if self.start_from == "":
            raise ConfigError("start_from", "", "the folder of a model")
        if self.schedule in ("linear", "cosine"):
            if not self.has_length:
                allowed = f"max_steps, max_target_tokens or max_epochs above 0 (schedule = {self.schedule!r})"
                raise ConfigError("max_steps", 0, allowed)
            if self.max_steps and self.warmup_steps > self.max_steps:
                allowed = f"at most max_steps ({self.max_steps}) where schedule = {self.schedule!r}"
                raise ConfigError("warmup_steps", self.warmup_steps, allowed)
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise ConfigError("betas", list(self.betas), "two numbers, each at least 0 and below 1")
        if self.min_learning_rate > self.learning_rate:
            raise ConfigError(
                "min_learning_rate", self.min_learning_rate, f"at most learning_rate ({self.learning_rate})"
            )
        if self.weight_decay and self.optimizer != "adamw":
            raise ConfigError("weight_decay", self.weight_decay, "0 unless optimizer = 'adamw'")


@dataclass(frozen=True, kw_only=True)
class ValidationConfig(Options):
    """[validation]: how held-out text is translated while training goes on."""

    metric: MetricKind = option(
        "bleu", "by what the best model is chosen; nll goes by the loss alone, the lowest is best"
    )
    beam_size: int = option(1, "hypotheses kept at each step; 1 is greedy", minimum=1, maximum=64)
    samples: int = option(3, "translations shown, per direction", minimum=0)
    max_sentences: int = option(0, "held-out pairs used, from the start of the files; 0: all", minimum=0)


@dataclass(frozen=True, kw_only=True)
class OutputConfig(Options):
    """[output]: where checkpoints, logs and the finished model go."""

    folder: str = option(help="folder of the run (absent in the file: runs/NAME for NAME.toml)")
    tensorboard: bool = option(False, "also write the log for TensorBoard (install the extra of that name)")

    def check(self) -> None:
        if not self.folder:
            raise ConfigError("folder", "", "the name of a folder")


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(Options):
    """A whole training run."""

    data: DataConfig = option(help="[data], the files to learn from")
    model: ModelConfig = option(ModelConfig(), "[model], its shape")
    training: OptimizationConfig = option(OptimizationConfig(), "[training], how it learns")
    validation: ValidationConfig = option(ValidationConfig(), "[validation], how it is watched")
    cleaning: CleaningConfig = option(CleaningConfig(), "[cleaning], what `nmt prepare` leaves out")
    output: OutputConfig = option(help="[output], where the run goes")

    def check(self) -> None:
        if self.training.guided_alignment and self.model.attention == "none":
            allowed = "0 where model.attention = 'none': there is nothing to guide"
            raise ConfigError("training.guided_alignment", self.training.guided_alignment, allowed)
        shape = self.model
        if self.training.r_drop and not any((
            shape.embedding_dropout, shape.encoder_dropout, shape.readout_dropout, shape.source_word_dropout,
            shape.target_word_dropout,
        )):  # fmt: skip
            allowed = "0 unless [model] has dropout of another kind than weight_drop, which two passes have in common"
            raise ConfigError("training.r_drop", self.training.r_drop, allowed)
        if self.training.start_from is not None and self.data.tokenizer is not None:
            raise ConfigError("data.tokenizer", self.data.tokenizer, "nothing: that of training.start_from is used")
        if self.cleaning != CleaningConfig() and self.data.prepared is None:
            raise ConfigError("data.prepared", None, "a folder: [cleaning] is done by `nmt prepare`, which writes it")
