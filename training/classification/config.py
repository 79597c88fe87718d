"""What the training of a text classifier is made of: the same TOML file, with `task = "classification"`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nmt.errors import ConfigError
from nmt.files import user_path
from nmt.identification.artifact import LabelKind
from nmt.identification.config import ClassifierConfig
from nmt.options import Options, option
from training.config import OptimizationConfig, OutputConfig


@dataclass(frozen=True, kw_only=True)
class LabelledFile(Options):
    """A file of labelled texts: `label<TAB>text` lines, or, with `label`, lines of text that all have that one."""

    file: str = option(help="the file's name")
    label: str | None = option(None, "label of all its lines (absent: each line is label<TAB>text)")


@dataclass(frozen=True, kw_only=True)
class LabelledDataConfig(Options):
    """[data]: which texts are learnt from, and how. Paths are joined to `folder`.

    Each text is drawn anew for its batch: first a label, with a probability proportional to its number of texts to the
    power `temper`, then one of its texts, then a piece of it and how it is written. The rates below are probabilities.
    """

    folder: str = option(".", "where the files below are")
    train: tuple[LabelledFile, ...] = option(help='files: [{file = "my.tsv"}, {file = "spam.txt", label = "spam"}]')
    validation: tuple[LabelledFile, ...] = option((), "held-out files (none: part of the training texts is held out)")
    held_out: float = option(0.05, "part of each label's texts that is held out", minimum=0.001, maximum=0.5)
    held_out_most: int = option(500, "most texts of a label that are held out", minimum=1)
    exclude: tuple[LabelledFile, ...] = option((), "test files, whose texts are left out (case and punctuation aside)")
    labels: LabelKind = option("any", "what labels are; languages are ISO 639 codes, a text without letters has none")
    tokenizer: str | None = option(None, "SentencePiece model (absent: trained on texts drawn as for training)")
    temper: float = option(1.0, "1: labels as often as in the files; 0: all alike", minimum=0, maximum=1)
    rare_words: float = option(0.0, "of single words in place of texts, all words alike", minimum=0, maximum=1)
    words: float = option(0.0, "of texts cut to a single word", minimum=0, maximum=1)
    snippets: float = option(0.0, "of texts cut to two to four words", minimum=0, maximum=1)
    lower_case: float = option(0.0, "of texts put in small letters", minimum=0, maximum=1)
    upper_case: float = option(0.0, "of texts put in capitals", minimum=0, maximum=1)
    capitalised: float = option(0.0, "of texts whose first letter is made a capital", minimum=0, maximum=1)
    no_diacritics: float = option(0.0, "of texts whose Latin letters lose their marks", minimum=0, maximum=1)
    no_punctuation: float = option(0.0, "of texts that lose the punctuation at their edges", minimum=0, maximum=1)

    split_pieces: float = option(0.0, "of pieces that are broken into smaller ones", minimum=0, maximum=0.9)

    def path(self, name: str) -> Path:
        return user_path(self.folder) / name

    @property
    def tokenizer_path(self) -> Path | None:
        return None if self.tokenizer is None else self.path(self.tokenizer)

    def check(self) -> None:
        if not self.train:
            raise ConfigError("train", [], "at least one file")
        if self.words + self.snippets > 1:
            raise ConfigError("snippets", self.snippets, f"at most 1 - words ({1 - self.words:g})")
        if self.lower_case + self.upper_case + self.capitalised > 1:
            raise ConfigError("lower_case", self.lower_case, "at most 1 together with upper_case and capitalised")


@dataclass(frozen=True, kw_only=True)
class ClassificationConfig(Options):
    """A whole run. In [training], the target of a text counts as one token: its label."""

    task: Literal["classification"] = option("classification", "what is trained")
    data: LabelledDataConfig = option(help="[data], the texts to learn from")
    model: ClassifierConfig = option(ClassifierConfig(), "[model], its shape")
    training: OptimizationConfig = option(OptimizationConfig(), "[training], how it learns")
    output: OutputConfig = option(help="[output], where the run goes")

    def check(self) -> None:
        plain = OptimizationConfig()
        for name in ("start_from", "r_drop", "sampled_softmax", "bpe_dropout", "guided_alignment"):
            if getattr(self.training, name) != getattr(plain, name):
                raise ConfigError(
                    f"training.{name}", getattr(self.training, name), "nothing: it is for translation alone"
                )
