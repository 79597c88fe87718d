"""Small made-up corpora, written where a test wants them."""

import random
from pathlib import Path

from training.augmentation.config import AugmentationConfig

NOUNS = {
    "en": ["dog", "cat", "house", "book", "tree", "boat"],
    "de": ["Hund", "Katze", "Haus", "Buch", "Baum", "Boot"],
    "fr": ["chien", "chat", "maison", "livre", "arbre", "bateau"],
    "es": ["perro", "gato", "casa", "libro", "árbol", "barco"],
}
PATTERNS = {
    "en": ["{} sees the {}.", "Does {} want the {}?", "{} has the {} here!"],
    "de": ["{} sieht {}.", "Will {} {}?", "{} hat {} hier!"],
    "fr": ["{} voit {}.", "Est-ce que {} veut {} ?", "{} a {} ici !"],
    "es": ["{} ve {}.", "¿Quiere {} {}?", "¡{} tiene {} aquí!"],
}
NAMES = ["Tom", "Bob", "Nancy", "Linda"]


def sentence(language: str, pattern: int, name: str, noun: int) -> str:
    return PATTERNS[language][pattern].format(name, NOUNS[language][noun])


def write_corpora(folder: Path, languages: tuple[str, ...] = ("de", "es", "fr")) -> None:
    """Files xx-en/train.xx and .en for each language, and held-out ones, all of the same sentences."""
    made = [(pattern, name, noun) for pattern in range(3) for name in NAMES for noun in range(6)]
    random.Random(1).shuffle(made)
    parts = {"dev": made[:6], "train": made[6:]}
    for language in languages:
        (folder / f"{language}-en").mkdir(parents=True, exist_ok=True)
        for part, chosen in parts.items():
            for code in ("en", language):
                text = "".join(sentence(code, *one) + "\n" for one in chosen)
                (folder / f"{language}-en" / f"{part}.{code}").write_text(text, encoding="utf-8")


def configuration(folder: Path, output: Path, **changed: object) -> AugmentationConfig:
    languages = sorted(path.name.removesuffix("-en") for path in folder.iterdir() if path.name.endswith("-en"))
    files = {
        part: [{code: f"{language}-en/{part}.{code}" for code in ("en", language)} for language in languages]
        for part in ("train", "dev")
    }
    tables: dict[str, object] = {
        "corpora": {"folder": str(folder), "train": files["train"], "held_out": files["dev"]},
        "pivot": {"development": 4},
        "lexicon": {"min_count": 2},
        "names": {"share": 0.5, "templates": 2},
        "noise": {"typos": 0.5, "lower_case": 0.5, "careless": 0.3},
        "output": {"folder": str(output)},
        "processes": 1,
    }
    return AugmentationConfig.from_mapping(tables | changed)
