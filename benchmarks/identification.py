"""Language identification beside lingua and langdetect: accuracy on words, snippets and sentences, and speed.

pip install lingua-language-detector langdetect     (either may be missing)
python benchmarks/identification.py en=test.en de=test.de fr=test.fr es=test.es [--labelled test.tsv]

From each file of sentences of one language, 2,000 / (number of files) texts of each kind are drawn: words as they occur
(letters, apostrophes and hyphens), rare words (each different word of five letters or more alike, in small letters),
three neighbouring words, whole sentences. Every system but langdetect, which can't, chooses among the languages of the
files. All of it runs on one processor; times are of the processor, the best of three runs, after one to warm up.
"""

import argparse
import os
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from nmt import LanguageIdentifier
from nmt.identification.languages import shortest_code

TEXTS = 2000
RUNS = 3
SLOW_TEXTS = 200  # how many of the texts a system is timed on that takes milliseconds for each
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
Item = tuple[str, str]
Identify = Callable[[Sequence[str]], list[str | None]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("files", nargs="+", metavar="CODE=FILE", help="sentences of one language, one a line")
    parser.add_argument("--model", help="folder of the classifier (default: the bundled one)")
    parser.add_argument("--labelled", type=Path, help="also: accuracy among all languages on label<TAB>text lines")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    files = [file.partition("=") for file in arguments.files]
    kinds = draw({code: read(Path(path)) for code, _, path in files}, arguments.seed)
    began = time.perf_counter()
    identifier = LanguageIdentifier.load(arguments.model)
    print(f"loaded in {time.perf_counter() - began:.2f} s; {TEXTS:,} texts of each kind\n")
    codes = [code for code, _, _ in files]
    print("| system | " + " | ".join(f"{kind} | us each" for kind in kinds) + " |")
    print("|---" * (1 + 2 * len(kinds)) + "|")
    for name, identify, timed in systems(identifier, codes):
        cells = [
            f"{accuracy(identify, items):.1f} % | {microseconds(identify, items, timed):.0f}"
            for items in kinds.values()
        ]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print("\ncalibration among these languages (mean confidence, accuracy, expected calibration error):")
    for kind, items in kinds.items():
        print(f"  {kind}: {calibration(identifier, items, codes)}")
    if arguments.labelled:
        pairs = [line.split("\t", 1) for line in read(arguments.labelled)]
        everywhere(identifier, [(shortest_code(label), text) for label, text in pairs])


def read(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def draw(sentences: dict[str, list[str]], seed: int) -> dict[str, list[Item]]:
    """Kind -> (language, text) pairs, as many of each language."""
    generator, each = random.Random(seed), TEXTS // len(sentences)
    kinds: dict[str, list[Item]] = defaultdict(list)
    for code, lines in sentences.items():
        words = [word for line in lines for word in WORD.findall(line)]
        rare = sorted({word.lower() for word in words if len(word) >= 5})
        long_lines = [line.split() for line in lines if len(line.split()) >= 3]
        kinds["words"] += [(code, generator.choice(words)) for _ in range(each)]
        kinds["rare words"] += [(code, word) for word in generator.sample(rare, each)]
        for parts in generator.choices(long_lines, k=each):
            start = generator.randrange(len(parts) - 2)
            kinds["snippets"].append((code, " ".join(parts[start : start + 3])))
        kinds["sentences"] += [(code, line) for line in generator.sample(lines, each)]
    return {kind: kinds[kind] for kind in ("words", "snippets", "sentences", "rare words")}


def systems(identifier: LanguageIdentifier, codes: list[str]) -> Iterator[tuple[str, Identify, int]]:
    """Name, what gives the languages of texts, and how many texts it is timed on."""
    one = identifier.identify
    yield "nmt, one at a time", lambda texts: [one(text, codes)[0].language for text in texts], TEXTS
    yield "nmt, batch", lambda texts: [found[0].language for found in identifier.identify_batch(texts, codes)], TEXTS
    yield from lingua(codes)
    yield from langdetect()


def lingua(codes: list[str]) -> Iterator[tuple[str, Identify, int]]:
    try:
        from lingua import IsoCode639_1, LanguageDetectorBuilder
    except ImportError:
        print("| lingua | not installed |")
        return
    iso = [getattr(IsoCode639_1, code.upper()) for code in codes]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*iso)
    detector = builder.with_preloaded_language_models().build()

    def name(found: object) -> str | None:
        return None if found is None else str(found.iso_code_639_1.name).lower()

    yield "lingua, one at a time", lambda texts: [name(detector.detect_language_of(text)) for text in texts], TEXTS
    yield (
        "lingua, batch",
        lambda texts: [name(found) for found in detector.detect_languages_in_parallel_of(texts)],
        TEXTS,
    )


def langdetect() -> Iterator[tuple[str, Identify, int]]:
    try:
        from langdetect import DetectorFactory, LangDetectException, detect
    except ImportError:
        print("| langdetect | not installed |")
        return
    DetectorFactory.seed = 0

    def identify(text: str) -> str | None:
        try:
            return str(detect(text))
        except LangDetectException:
            return None

    yield "langdetect", lambda texts: [identify(text) for text in texts], SLOW_TEXTS


def accuracy(identify: Identify, items: Sequence[Item]) -> float:
    """Percent."""
    found = identify([text for _, text in items])
    return 100 * sum(one == code for one, (code, _) in zip(found, items, strict=True)) / len(items)


def microseconds(identify: Identify, items: Sequence[Item], timed: int) -> float:
    """Processor time for each text."""
    texts = [text for _, text in items][:: len(items) // timed]
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        identify(texts)
        times.append(time.process_time() - began)
    return 1e6 * min(times) / len(texts)


def calibration(identifier: LanguageIdentifier, items: Sequence[Item], among: Sequence[str] | None) -> str:
    """Over ten bins of confidence."""
    found = identifier.identify_batch([text for _, text in items], among)
    pairs = [(one[0].confidence, one[0].language == code) for one, (code, _) in zip(found, items, strict=True)]
    bins: dict[int, list[float]] = defaultdict(list)
    for confidence, right in pairs:
        bins[min(int(10 * confidence), 9)].append(confidence - right)
    error = sum(abs(sum(gaps)) for gaps in bins.values()) / len(pairs)
    mean, share = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    return f"{mean:.3f}, {share:.3f}, {error:.3f}"


def everywhere(identifier: LanguageIdentifier, items: Sequence[Item]) -> None:
    """Among all languages: accuracy over texts, and over languages, of which each counts as much."""
    found = identifier.identify_batch([text for _, text in items])
    right: dict[str, list[bool]] = defaultdict(list)
    for one, (code, _) in zip(found, items, strict=True):
        right[code].append(one[0].language == code)
    shares = {code: sum(hits) / len(hits) for code, hits in right.items()}
    print(f"\namong all {len(identifier.labels)} languages, {len(items):,} sentences of {len(right)}:")
    micro = 100 * sum(map(sum, right.values())) / len(items)
    macro = 100 * sum(shares.values()) / len(shares)
    print(f"  accuracy {micro:.1f} %, mean over languages {macro:.1f} %")
    print(f"  calibration: {calibration(identifier, items, None)}")
    worst = sorted(shares, key=shares.__getitem__)[:12]
    print("  hardest: " + ", ".join(f"{code} {100 * shares[code]:.0f} %" for code in worst))


if __name__ == "__main__":
    main()
