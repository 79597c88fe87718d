"""Classification as a task of a run."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from nmt.errors import ConfigError
from nmt.identification.artifact import ClassifierArtifact, ClassifierHeader, save_classifier
from nmt.identification.model import Classifier
from nmt.identification.text import TextReader
from nmt.tokenizer import SentencePieceTokenizer, train_sentencepiece
from training.classification.config import ClassificationConfig
from training.classification.corpus import LabelledCorpus, read_corpus
from training.classification.objective import ClassificationObjective
from training.classification.sampler import LabelledBatch, TextSampler, cut_batches, draw, draw_each
from training.classification.validator import ClassificationScore, ClassificationValidator
from training.distributed import World
from training.loop import Progress
from training.task import Work

VOCABULARY_TEXTS = 150_000
"""How many whole texts, drawn as for training, a vocabulary is learnt from."""


@dataclass(frozen=True)
class ClassificationTask:
    """Labelled texts to a classifier."""

    config: ClassificationConfig

    @cached_property
    def corpus(self) -> LabelledCorpus:
        return read_corpus(self.config.data, self.config.training.seed)

    def obtain_tokenizer(self, kept: Path | None) -> TextReader:
        data, size = self.config.data, self.config.model.vocabulary_size
        if kept is not None:
            found = SentencePieceTokenizer.load(kept)
        elif data.tokenizer_path is not None:
            found = SentencePieceTokenizer.load(data.tokenizer_path)
        else:
            found = train_sentencepiece(self._lines(), vocabulary_size=size, seed=self.config.training.seed)
        tokenizer = TextReader(found.serialized)
        if tokenizer.size != size:
            raise ConfigError("model.vocabulary_size", size, f"{tokenizer.size}, the tokenizer's size")
        return tokenizer

    def read(self, tokenizer: TextReader) -> tuple[LabelledCorpus, str]:
        return self.corpus, self.corpus.report

    def build(self, tokenizer: TextReader, corpus: LabelledCorpus, world: World, best: Path) -> Work:
        data, shape, options = self.config.data, self.config.model, self.config.training
        model = Classifier(shape, len(corpus.train.labels)).to(world.device)
        sampler = TextSampler(
            corpus.train, data, tokenizer, shape, batch_tokens=options.batch_tokens, seed=options.seed
        )
        held_out = cut_batches(
            draw_each(corpus.held_out, data, corpus.train.labels, options.seed),
            lambda texts: [tokenizer.read(text, shape) for text in texts],
            options.batch_tokens,
        )
        validator = ClassificationValidator(model, [batch.to(world.device) for batch in held_out], world)

        def save_best(score: ClassificationScore, progress: Progress) -> None:
            header = ClassifierHeader(
                model=shape, labels=corpus.train.labels, label_kind=data.labels, temperature=score.temperature
            )
            provenance = {
                "training": self.config.to_mapping() | {"progress": asdict(progress)},
                "validation": {"accuracy": score.accuracy, "nll": score.nll, "texts": len(corpus.held_out)},
            }
            weights = {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}
            save_classifier(best, ClassifierArtifact(header, weights, tokenizer, provenance))

        return Work(
            model, ClassificationObjective(model, options.label_smoothing), sampler, _batches(sampler, world),
            validator, f"{len(corpus.held_out):,} texts", save_best,
        )  # fmt: skip

    def _lines(self) -> Iterator[str]:
        whole = replace(self.config.data, rare_words=0.0, words=0.0, snippets=0.0)
        texts = draw(self.corpus.train, whole, [self.config.training.seed], min(VOCABULARY_TEXTS, 4 * len(self.corpus)))
        return (text.lower() if self.config.model.fold_case else text for _, text in texts)


def _batches(sampler: TextSampler, world: World) -> Iterator[LabelledBatch | None]:
    parts = (batch.share(world.rank, world.size) for batch in sampler)
    return (part and part.to(world.device) for part in parts)
