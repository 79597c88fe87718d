"""All that is made for one pair of languages, and where it is written."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from nmt.files import replace_folder
from training.augmentation.config import AugmentationConfig, LanguagePair
from training.augmentation.corpora import HeldOut
from training.augmentation.lexicon import Entry, PhraseTable
from training.augmentation.names import LANGUAGES
from training.augmentation.noise import noisy_examples
from training.augmentation.sentences import Joiner
from training.augmentation.substitution import renamed_examples, renumbered_examples
from training.augmentation.templates import filled_templates, listed_phrases
from training.augmentation.text import Pair, identity

SHORT_WORDS = 3

Files = Mapping[str, Sequence[Pair]]


@dataclass(frozen=True)
class Made:
    """What was written for a pair of languages: lines of each file, and lines left out as held out."""

    languages: LanguagePair
    lines: Mapping[str, int]
    left_out: int

    @property
    def name(self) -> str:
        return "-".join(self.languages)


def is_made(name: str, pair: str) -> bool:
    """Whether a file of this name may have been made for this pair of languages, such as de-en."""
    first, _, second = pair.partition("-")
    kinds = rf"clean|short|sentences|names|numbers|phrases|(lexicon|noise)-from-({first}|{second})"
    return re.fullmatch(rf"({kinds})\.({first}|{second})", name) is not None


def make(languages: LanguagePair, pairs: Sequence[Pair], held_out: HeldOut, config: AugmentationConfig) -> Made:
    """Make all files of this pair of languages and write them to the folder of its name, in one step.

    A pure function of its arguments: the same ones give the same bytes.
    """
    files: dict[str, list[Pair]] = {}
    left_out = 0
    for name, made in _files(languages, pairs, config):
        files[name] = held_out.keep_out(made, languages)
        left_out += len(made) - len(files[name])
    write(config.output.path / "-".join(languages), languages, files)
    return Made(languages, {name: len(made) for name, made in files.items()}, left_out)


def write(folder: Path, languages: LanguagePair, files: Files) -> None:
    """Write `NAME.xx` and `NAME.yy` for each file, line by line each other's translation."""
    contents = {
        f"{name}.{language}": "".join(f"{pair[side]}\n" for pair in pairs).encode()
        for name, pairs in files.items()
        for side, language in enumerate(languages)
    }
    replace_folder(folder, contents)


def _files(
    languages: LanguagePair, pairs: Sequence[Pair], config: AugmentationConfig
) -> Iterator[tuple[str, list[Pair]]]:
    """The lines of each file, before what is held out is left out."""

    def chance(name: str) -> random.Random:
        return random.Random(f"{config.seed} {'-'.join(languages)} {name}")

    yield "clean", list(pairs)
    short = [pair for pair in pairs if max(len(identity(side).split()) for side in pair) <= SHORT_WORDS]
    yield "short", short
    yield "sentences", list(Joiner(pairs, languages, config.sentences).examples(chance("sentences")))
    phrases = PhraseTable(pairs, languages, config.lexicon) if pairs else None
    lexicons = [list(phrases.entries(swapped=bool(side))) if phrases else [] for side in (0, 1)]
    for side, language in enumerate(languages):
        capitalised = chance(f"lexicon {language}")
        lines = [_line(entry, side, capitalised.random() < config.lexicon.capitalised) for entry in lexicons[side]]
        yield f"lexicon-from-{language}", lines
    if set(languages) <= set(LANGUAGES):
        for name, examples, numeric in (
            ("names", renamed_examples, False),
            ("numbers", renumbered_examples, True),
        ):
            drawn = chance(name)
            filled = filled_templates(languages, config.names, drawn, numeric=numeric)
            yield name, _distinct(chain(examples(pairs, languages, config.names, drawn), filled))
        yield "phrases", _distinct(listed_phrases(languages))
    for side, language in enumerate(languages):
        clean = [pair[::-1] if side else pair for pair in pairs]
        words = [(entry.source, entry.target) for entry in lexicons[side]]
        noisy = noisy_examples([*clean, *words], language, config.noise, chance(f"noise {language}"))
        yield f"noise-from-{language}", [pair[::-1] if side else pair for pair in noisy]


def _line(entry: Entry, side: int, is_capitalised: bool) -> Pair:
    source, target = entry.source, entry.target
    if is_capitalised:
        source, target = source[:1].upper() + source[1:], target[:1].upper() + target[1:]
    return (target, source) if side else (source, target)


def _distinct(pairs: Iterator[Pair]) -> list[Pair]:
    return list(dict.fromkeys(pairs))
