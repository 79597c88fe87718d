"""What `nmt augment` makes, and how much of each kind: one strict TOML file, any key overridden by KEY=VALUE."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from nmt.direction import is_language_code
from nmt.errors import ConfigError
from nmt.files import user_path
from nmt.options import Options, option
from training.config_file import load_tables

LanguagePair = tuple[str, str]
"""Two language codes in alphabetical order."""


def _check_code(key: str, language: str) -> None:
    if not is_language_code(language):
        raise ConfigError(key, language, "a language code of two or three letters, such as 'de'")


@dataclass(frozen=True, kw_only=True)
class CorporaConfig(Options):
    """[corpora]: parallel text to start from. Paths are joined to `folder`."""

    folder: str = option(".", "where the files below are")
    train: tuple[dict[str, str], ...] = option(help='pairs of files, language = file: [{en = "t.en", de = "t.de"}]')
    held_out: tuple[dict[str, str], ...] = option(
        (), "files, language = file, no sentence of which may come in, compared without case and punctuation"
    )

    @property
    def train_paths(self) -> tuple[dict[str, Path], ...]:
        return tuple(self._joined(files) for files in self.train)

    @property
    def held_out_paths(self) -> tuple[dict[str, Path], ...]:
        return tuple(self._joined(files) for files in self.held_out)

    def _joined(self, files: Mapping[str, str]) -> dict[str, Path]:
        return {language: user_path(self.folder) / name for language, name in files.items()}

    def check(self) -> None:
        if not self.train:
            raise ConfigError("train", [], "at least one pair of files")
        for index, files in enumerate(self.train):
            if len(files) != 2:
                raise ConfigError(f"train[{index}]", files, "files of two languages")
        for key, described in (("train", self.train), ("held_out", self.held_out)):
            for index, files in enumerate(described):
                for language in files:
                    _check_code(f"{key}[{index}]", language)


@dataclass(frozen=True, kw_only=True)
class PivotConfig(Options):
    """[pivot]: pairs of languages that share no corpus, joined through a third one."""

    language: str = option("en", "language of the sentences that pairs are joined through")
    uses: int = option(2, "most pairs that a sentence enters, of one pair of languages", minimum=1)
    variants: int = option(8, "most pairs that are joined through one sentence", minimum=1)
    length_ratio: float = option(2.5, "most times one side is as long as the other, in characters", minimum=1)
    development: int = option(1000, "sentences held out in all languages at once, for validation", minimum=0)

    def check(self) -> None:
        _check_code("language", self.language)


@dataclass(frozen=True, kw_only=True)
class SentencesConfig(Options):
    """[sentences]: examples of several sentences. Shares are of the pairs of two languages."""

    share: float = option(0.15, "examples made, by pairs", minimum=0, maximum=1)
    related: float = option(0.3, "of them, share whose sentences begin with the same word", minimum=0, maximum=1)
    conjoined: float = option(
        0.25, 'of two sentences, share that "and" or "but" makes one of, where both can be', minimum=0, maximum=1
    )
    max_characters: int = option(400, "longest side", minimum=1)


@dataclass(frozen=True, kw_only=True)
class LexiconConfig(Options):
    """[lexicon]: words and phrases, from sentences whose words are aligned."""

    max_words: int = option(4, "most words of a phrase", minimum=1)
    min_count: int = option(3, "sentences in which a phrase and its translation are found together", minimum=1)
    agreement: float = option(0.3, "least product of a link's probabilities in both directions", minimum=0, maximum=1)
    min_share: float = option(0.3, "least p(target|source)", minimum=0, maximum=1)
    min_share_back: float = option(0.3, "least p(source|target)", minimum=0, maximum=1)
    capitalised: float = option(0.2, "share that begins with a capital on both sides", minimum=0, maximum=1)


@dataclass(frozen=True, kw_only=True)
class NamesConfig(Options):
    """[names]: names and numbers in place of those that a corpus repeats. For English, French, German, Spanish."""

    share: float = option(0.15, "examples with other names, by pairs", minimum=0, maximum=1)
    invented: float = option(0.25, "of names of people, share that is made up", minimum=0, maximum=1)
    titled: float = option(
        0.15,
        "of names of people that begin both sentences, share that becomes a title and a surname",
        minimum=0,
        maximum=1,
    )
    numbers_share: float = option(0.05, "examples with other numbers, by pairs", minimum=0, maximum=1)
    templates: int = option(60, "examples made from each template, such as 'at {time}'", minimum=0)


@dataclass(frozen=True, kw_only=True)
class NoiseConfig(Options):
    """[noise]: sources as people type them, with clean targets. Each is a share of the pairs."""

    typos: float = option(0.05, "letters swapped, dropped, doubled, or hit beside the key", minimum=0, maximum=1)
    lower_case: float = option(0.04, "no capitals", minimum=0, maximum=1)
    upper_case: float = option(0.02, "ALL CAPITALS, as a translator hands them to a model", minimum=0, maximum=1)
    title_case: float = option(0.02, "Each Word With A Capital, as handed to a model", minimum=0, maximum=1)
    no_final_mark: float = option(0.05, "no mark at the end, on either side", minimum=0, maximum=1)
    no_accents: float = option(0.03, "no accents; German umlauts also as ae, oe, ue", minimum=0, maximum=1)
    no_apostrophes: float = option(0.02, "dont, jai", minimum=0, maximum=1)
    other_marks: float = option(0.02, "¿ and ¡ left out, French ? without a space, curly quotes", minimum=0, maximum=1)
    careless: float = option(0.03, "no capitals, accents, apostrophes, final mark", minimum=0, maximum=1)


@dataclass(frozen=True, kw_only=True)
class OutputConfig(Options):
    """[output]: where the text goes."""

    folder: str = option(help="folder to write (absent in the file: runs/NAME for NAME.toml)")

    @property
    def path(self) -> Path:
        return user_path(self.folder)


@dataclass(frozen=True, kw_only=True)
class AugmentationConfig(Options):
    """All that `nmt augment` is asked for."""

    corpora: CorporaConfig = option(help="[corpora], the text to start from")
    pivot: PivotConfig = option(PivotConfig(), "[pivot], pairs joined through a third language")
    sentences: SentencesConfig = option(SentencesConfig(), "[sentences], several sentences in an example")
    lexicon: LexiconConfig = option(LexiconConfig(), "[lexicon], words and phrases")
    names: NamesConfig = option(NamesConfig(), "[names], other names and numbers")
    noise: NoiseConfig = option(NoiseConfig(), "[noise], sources as people type them")
    output: OutputConfig = option(help="[output], where it goes")
    seed: int = option(1, "seed of all that is drawn", minimum=0)
    processes: int = option(2, "pairs of languages made at the same time; about 1 GB of memory each", minimum=1)

    def check(self) -> None:
        pairs = {frozenset(files) for files in self.corpora.train}
        neighbours = [(one, other) for one, other in combinations(pairs, 2) if one & other and one ^ other not in pairs]
        shared = sorted({language for one, other in neighbours for language in one & other})
        if shared and not any(self.pivot.language in pair for pair in pairs):
            allowed = f"a language that corpora share, through which others can be joined: {', '.join(shared)}"
            raise ConfigError("pivot.language", self.pivot.language, allowed)


def load_augmentation(path: Path, overrides: Sequence[str] = ()) -> AugmentationConfig:
    """Read a TOML file. Raises DataError where it can't be, ConfigError for a key that is unknown or out of range."""
    return AugmentationConfig.from_mapping(load_tables(path, overrides))
