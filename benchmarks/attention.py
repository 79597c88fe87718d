"""How sharp a model's attention is, and whether its two directions agree on which words belong together.

python benchmarks/attention.py test.en test.de --source en --target de [--model FOLDER] [--back FOLDER]

Given translations are read in both directions, by one model or by two (as `nmt score` reads them), sub-words folded to
words. Of the attention of each target word:

    linked      the share that lies on the one source word it is linked to, the one it looks at most
    spread      how many words it looks at, in effect: e to the entropy of the shares
    unseen      source words that no target word looks at, all shares on them together below a tenth

and of the links of both directions, as pairs of words:

    agreement   2 |A and B| / (|A| + |B|), the F1 of one direction's links against the other's
"""

import argparse
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from nmt import Segment, Translator
from nmt.errors import InputError, NmtError
from nmt.lines import read_lines

UNSEEN = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("source_file", type=Path, help="sentences, one a line")
    parser.add_argument("target_file", type=Path, help="their translations, line by line")
    parser.add_argument("--source", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--model", help="folder of a model of the direction (default: the bundled one)")
    parser.add_argument("--back", help="folder of a model of the other direction (default: the same one)")
    parser.add_argument("--lines", type=int, default=1000, help="pairs used, from the start of the files")
    arguments = parser.parse_args()
    try:
        print("\n".join(report(arguments)))
    except NmtError as error:
        parser.error(str(error))


def report(arguments: argparse.Namespace) -> Iterator[str]:
    sources, targets = (
        list(itertools.islice(read_lines(path), arguments.lines))
        for path in (arguments.source_file, arguments.target_file)
    )
    translator = Translator.load(arguments.model)
    back_translator = translator if arguments.back is None else Translator.load(arguments.back)
    there = translator.score(sources, targets, source=arguments.source, target=arguments.target)
    back = back_translator.score(targets, sources, source=arguments.target, target=arguments.source)
    yield f"{len(sources)} pairs       linked  spread  unseen"
    for name, segments in (
        (f"{arguments.source}-{arguments.target}", there),
        (f"{arguments.target}-{arguments.source}", back),
    ):
        linked, spread, unseen = sharpness(segments)
        yield f"{name:<16}{linked:7.1%} {spread:7.2f} {unseen:7.1%}"
    yield f"agreement       {agreement(there, back):7.1%}"


def sharpness(segments: Sequence[Segment]) -> tuple[float, float, float]:
    """Means over all words: share on the linked word, effective number of words, part of source words unseen."""
    linked: list[float] = []
    spread: list[float] = []
    unseen: list[bool] = []
    for segment in segments:
        attention_UW = segment.word_attention
        if attention_UW is None or attention_UW.size == 0:
            continue
        shares_UW = attention_UW / attention_UW.sum(axis=1, keepdims=True).clip(min=1e-9)
        linked += attention_UW.max(axis=1).tolist()
        spread += np.exp(-(shares_UW * np.log(shares_UW.clip(min=1e-9))).sum(axis=1)).tolist()
        unseen += (attention_UW.sum(axis=0) < UNSEEN).tolist()
    if not linked:
        raise InputError("nothing is linked: the files have no words, or the model has no attention")
    return float(np.mean(linked)), float(np.mean(spread)), float(np.mean(unseen))


def agreement(there: Sequence[Segment], back: Sequence[Segment]) -> float:
    """F1 of the links of one direction against those of the other, over all pairs together."""
    common = links = 0
    for one, other in zip(there, back, strict=True):
        forward, backward = set(one.links), {(source, target) for target, source in other.links}
        common += len(forward & backward)
        links += len(forward) + len(backward)
    return 2 * common / links


if __name__ == "__main__":
    main()
