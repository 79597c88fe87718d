"""Translation as a task of a run."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.errors import ConfigError
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer
from training.batch import TrainingBatch, pad
from training.best import BestModel
from training.bpe_dropout import BpeDropout
from training.config import TrainingConfig
from training.corpus import ParallelCorpus, load_corpus
from training.distributed import World
from training.guidance import Guidance
from training.held_out import leaks
from training.languages import suspicions
from training.noise import SubwordNoise
from training.objective import TranslationObjective
from training.pairs import Indices
from training.preparation.prepared import open_prepared, prepared_tokenizer
from training.sampler import POOL_EXAMPLES, Sampler
from training.start import start_model
from training.task import Work
from training.validator import Validator, read_held_out
from training.vocabulary import kept_tokenizer, make_tokenizer


@dataclass(frozen=True)
class TranslationTask:
    """Parallel corpora to an encoder-decoder."""

    config: TrainingConfig

    @property
    def directions(self) -> tuple[Direction, ...]:
        return self.config.data.parsed_directions

    def obtain_tokenizer(self, kept: Path | None) -> SentencePieceTokenizer:
        if kept is not None:
            return kept_tokenizer(self.config, kept)
        return make_tokenizer(self.config) if self.config.data.prepared is None else prepared_tokenizer(self.config)

    def read(self, tokenizer: SentencePieceTokenizer) -> tuple[ParallelCorpus, str]:
        data = self.config.data
        if data.prepared is not None:
            corpus, report = open_prepared(self.config, tokenizer)
            return corpus, "\n".join([report, *corpus.unused()])
        corpus, counts = load_corpus(data, data.corpora, tokenizer)
        looks = [*corpus.unused(), *suspicions([*data.corpora, data.held_out]), *leaks(data)]
        return corpus, "\n".join([str(counts), *looks])

    def build(self, tokenizer: SentencePieceTokenizer, corpus: ParallelCorpus, world: World, best: Path) -> Work:
        options = self.config.training
        data = self.config.data
        model = Seq2Seq(self.config.model).to(world.device)
        sampler = Sampler(
            corpus, batch_tokens=options.batch_tokens, seed=options.seed, temperature=data.temperature,
            pool_examples=0 if data.prepared is None else POOL_EXAMPLES, world=world.size, rank=world.rank,
        )  # fmt: skip
        validator, report = self._validator(model, tokenizer, world)
        start = start_model(model, tokenizer, options.start_path) if options.start_path else None
        best_model = BestModel(best, model, tokenizer, corpus, self.config, start)
        objective = TranslationObjective(
            model, options.label_smoothing, r_drop=options.r_drop, guided_alignment=options.guided_alignment,
            sampled_softmax=options.sampled_softmax,
        )  # fmt: skip
        if options.bpe_dropout and not tokenizer.is_bpe:
            allowed = "0 with a tokenizer that has no merges to leave out: it is no BPE"
            raise ConfigError("training.bpe_dropout", options.bpe_dropout, allowed)
        noise = SubwordNoise(BpeDropout(tokenizer, options.bpe_dropout), options.seed) if options.bpe_dropout else None
        guidance = Guidance(corpus, tokenizer.size) if options.guided_alignment else None
        batches = Batches(sampler, corpus, world.device, noise, guidance)
        return Work(model, objective, sampler, iter(batches), validator, report, best_model.save)

    def _validator(self, model: Seq2Seq, tokenizer: SentencePieceTokenizer, world: World) -> tuple[Validator, str]:
        data, options = replace(self.config.data, direction_weights={}), self.config.validation
        corpus, report = load_corpus(data, [data.held_out], tokenizer, most=options.max_sentences)
        held_out = [read_held_out(data, direction, options.max_sentences) for direction in self.directions]
        search = SearchOptions(beam_size=options.beam_size)
        validator = Validator(
            model, tokenizer, corpus, held_out, search, samples=options.samples, world=world, metric=options.metric
        )
        return validator, str(report)


@dataclass(frozen=True)
class Batches:
    """The batches of a run, for ever: examples chosen by the sampler, with their noise, padded, with their links.

    None where this process has no part in one.
    """

    sampler: Sampler
    corpus: ParallelCorpus
    device: torch.device
    noise: SubwordNoise | None = None
    guidance: Guidance | None = None

    def __iter__(self) -> Iterator[TrainingBatch | None]:
        return map(self._batch, self.sampler)

    def _batch(self, indices: Indices) -> TrainingBatch | None:
        if not len(indices):
            return None
        examples = self.corpus.examples(indices)
        if self.noise is not None:
            examples = self.noise(examples, indices, self.sampler.state()["pool"])
        batch = pad(examples, partial(self.corpus.describe, indices))
        if self.guidance is not None:
            batch = replace(batch, links_BT=self.guidance.links(examples))
        return batch.to(self.device)
