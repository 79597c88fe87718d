"""How many mistyped words are read as what was meant, and how much correct text is changed.

python benchmarks/spelling.py en=test.en de=test.de fr=test.fr es=test.es

Each sentence is taken as it stands, and with slips of the fingers (`training.augmentation.noise.with_typos`: letters
swapped, left out, doubled, or those beside them on the keyboard, in words of four letters and more). Slips that make
another word of the model's, or touch a capital, are counted in. Text of another field than the model's shows best what
happens to correct words that it doesn't know.
"""

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path

from nmt.artifact import load_artifact
from nmt.errors import NmtError
from nmt.lines import read_lines
from nmt.text.edits import edit
from nmt.text.spelling import Speller
from nmt.translator import BUNDLED
from training.augmentation.noise import with_typos


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("files", nargs="+", metavar="CODE=FILE", help="correct sentences of one language, one a line")
    parser.add_argument("--model", type=Path, default=BUNDLED, help="folder of the model that knows words")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    words = load_artifact(arguments.model).known_words
    if words is None:
        parser.error(f"{arguments.model} doesn't say which words it knows")
    print("| file | sentences | changed | mistyped | undone | in part, or otherwise | left | us a sentence |")
    print("|---|---|---|---|---|---|---|---|")
    for code, _, path in (file.partition("=") for file in arguments.files):
        if not path:
            parser.error(f"got {code}, expected CODE=FILE, such as en=test.en")
        try:
            sentences = list(read_lines(Path(path)))
        except NmtError as error:
            parser.error(str(error))
        if not sentences:
            parser.error(f"{path} has no sentences")
        print(f"| {path} | {row(Speller(words.magnitudes), code, sentences, arguments.seed)} |", flush=True)


def row(speller: Speller, language: str, sentences: Sequence[str], seed: int) -> str:
    def read(text: str) -> str:
        return edit(text, speller.corrections(text, language)).text

    chance = random.Random(seed)
    began = time.process_time()
    changed = sum(read(sentence) != sentence for sentence in sentences)
    microseconds = 1e6 * (time.process_time() - began) / len(sentences)
    typed = [(with_typos((sentence, ""), language, chance)[0], sentence) for sentence in sentences]
    outcomes = [(read(text) == sentence, read(text) == text) for text, sentence in typed if text != sentence]
    undone, left = sum(is_undone for is_undone, _ in outcomes), sum(is_left for _, is_left in outcomes)
    parts = (undone, len(outcomes) - undone - left, left)
    shares = " | ".join(f"{100 * part / max(1, len(outcomes)):.1f} %" for part in parts)
    share = f"{100 * changed / len(sentences):.2f} %"
    return f"{len(sentences):,} | {share} | {len(outcomes):,} | {shares} | {microseconds:.0f}"


if __name__ == "__main__":
    main()
