"""How good the model is on held-out pairs: loss on the reference, BLEU and samples of its own translations."""

import itertools
import math
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

import torch

from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.errors import InputError, NonFiniteLossError
from nmt.evaluation import bleu, chrf
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer
from nmt.translation import Translation
from nmt.translator import Translator
from training.config import DataConfig, MetricKind
from training.corpus import ParallelCorpus
from training.distributed import ALONE, World
from training.objective import TranslationObjective
from training.pairs import Indices
from training.report.samples import Attention
from training.sampler import Sampler

MEASURES: dict[MetricKind, str] = {"bleu": "BLEU", "chrf": "chrF", "nll": "nll"}
DIVERGED = (
    "training has diverged. Lower training.learning_rate, or raise training.warmup_steps, and begin again with another "
    "output.folder"
)
MOST_WEIGHTS = 2500
"""The largest attention matrix of a sample that is kept, as a number of weights."""


@dataclass(frozen=True)
class HeldOut:
    """Held-out text of one direction; `sources` and `references` are as in the files."""

    direction: Direction
    sources: Sequence[str]
    references: Sequence[str]


@dataclass(frozen=True)
class Sample:
    """A held-out sentence and its translation; `attention` of each segment that has one and is not overlong."""

    direction: str
    source: str
    reference: str
    translation: str
    attention: tuple[Attention, ...] = ()

    def texts(self) -> dict[str, str]:
        return {"source": self.source, "reference": self.reference, "translation": self.translation}


@dataclass(frozen=True)
class Score:
    """`nll` in nats per target token; `bleu` and `chrf` (sacreBLEU, cased, detokenised) as means of the directions."""

    nll: float
    bleu: float
    chrf: float
    bleu_by_direction: dict[str, float]
    signatures: dict[str, str]
    samples: tuple[Sample, ...]
    metric: MetricKind = "bleu"

    @property
    def value(self) -> float:
        return {"bleu": self.bleu, "chrf": self.chrf, "nll": -self.nll}[self.metric]

    def summary(self) -> str:
        by_direction = "  ".join(f"{direction} {bleu:.1f}" for direction, bleu in self.bleu_by_direction.items())
        return f"BLEU {self.bleu:.2f} ({by_direction})  chrF {self.chrf:.2f}  nll {self.nll:.3f}"

    def figures(self) -> dict[str, float]:
        by_direction = {f"bleu/{direction}": bleu for direction, bleu in self.bleu_by_direction.items()}
        return {"nll": self.nll, "chrf": self.chrf} | by_direction


class Validator:
    """Scores a model on the held-out text of every direction."""

    def __init__(
        self,
        model: Seq2Seq,
        tokenizer: SentencePieceTokenizer,
        corpus: ParallelCorpus,
        held_out: Sequence[HeldOut],
        search: SearchOptions,
        samples: int,
        world: World = ALONE,
        metric: MetricKind = "bleu",
    ) -> None:
        self.objective = TranslationObjective(model)
        self.device = model.output_bias.device
        self.corpus, self.held_out, self.search, self.samples = corpus, held_out, search, samples
        self.world, self.metric = world, metric
        directions = [text.direction for text in held_out]
        self.translator = Translator(model, tokenizer, directions, name="training", max_source_tokens=sys.maxsize)

    @property
    def measure(self) -> str:
        return MEASURES[self.metric]

    def fingerprint(self) -> int:
        return zlib.crc32(repr((self.corpus.fingerprint(), self.search, self.metric)).encode())

    def score(self) -> Score:
        """Leaves the model in training mode; draws no random numbers."""
        self.objective.eval()
        with torch.inference_mode():
            nll = self._nll()
            translated = [self._translate(text) for text in self.held_out]
        self.objective.train()
        bleus, chrfs = {}, []
        for text, (found, _) in zip(self.held_out, translated, strict=True):
            bleus[str(text.direction)] = bleu(found, text.references, target=text.direction.target)
            chrfs.append(chrf(found, text.references).score)
        return Score(
            nll=nll,
            bleu=mean(score.score for score in bleus.values()),
            chrf=mean(chrfs),
            bleu_by_direction={direction: score.score for direction, score in bleus.items()},
            signatures={direction: score.signature for direction, score in bleus.items()},
            samples=tuple(sample for _, samples in translated for sample in samples),
            metric=self.metric,
        )

    def _nll(self) -> float:
        batches = Sampler(self.corpus, batch_tokens=8192, seed=0).pool(0)
        losses = self.world.deal(batches, self._losses)
        nll, tokens = map(sum, zip(*losses, strict=True))
        if not math.isfinite(nll):
            raise NonFiniteLossError(f"the loss on data.validation is {nll}: {DIVERGED}")
        return float(nll / tokens)

    def _losses(self, batches: Sequence[Indices]) -> list[tuple[float, int]]:
        losses = [self.objective(self.corpus.batch(indices).to(self.device)) for indices in batches]
        return [(loss.nll.item(), loss.tokens) for loss in losses]

    def _translate(self, text: HeldOut) -> tuple[list[str], list[Sample]]:
        """All translations, and those of them that are shown."""
        direction, places = text.direction, _spread(len(text.sources), self.samples)

        def work(indices: Sequence[int]) -> list[tuple[str, list[dict[str, Any]]]]:
            try:
                found = self.translator.translate_batch(
                    [text.sources[i] for i in indices],
                    source=direction.source,
                    target=direction.target,
                    options=self.search,
                )
            except InputError:
                raise NonFiniteLossError(f"the model finds no translation of data.validation: {DIVERGED}") from None
            return [
                (translation.text, _attention(translation) if i in places else [])
                for i, translation in zip(indices, found, strict=True)
            ]

        found = self.world.deal(range(len(text.sources)), work)
        samples = []
        for i in places:
            translation, attention = found[i]
            segments = tuple(Attention(**segment) for segment in attention)
            samples.append(Sample(str(direction), text.sources[i], text.references[i], translation, segments))
        return [translation for translation, _ in found], samples


def read_held_out(data: DataConfig, direction: Direction, most: int) -> HeldOut:
    """The first `most` held-out pairs (0: all) of one direction."""
    lines = data.held_out.lines([direction.source, direction.target])
    pairs = list(itertools.islice(lines, most or None))
    return HeldOut(direction, [source for source, _ in pairs], [target for _, target in pairs])


def _attention(translation: Translation) -> list[dict[str, Any]]:
    """The attention between the words of each segment, to three digits, in what JSON can hold."""
    return [
        {
            "source": [word.text for word in segment.source_words],
            "target": [word.text for word in segment.target_words],
            "weights": [[round(weight, 3) for weight in row] for row in segment.word_attention.tolist()],
        }
        for segment in translation.segments
        if segment.word_attention is not None and 0 < segment.word_attention.size <= MOST_WEIGHTS
    ]


def _spread(count: int, wanted: int) -> list[int]:
    """`wanted` places, or all, evenly spread over `count`."""
    wanted = min(wanted, count)
    return [(2 * i + 1) * count // (2 * wanted) for i in range(wanted)]
