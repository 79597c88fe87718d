"""Translation as a task of a run."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from nmt.artifact import Artifact, save_artifact
from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer
from training.config import TrainingConfig
from training.corpus import ParallelCorpus, TrainingBatch, load_corpus
from training.distributed import World
from training.guidance import Guidance
from training.loop import Progress
from training.objective import TranslationObjective
from training.sampler import Sampler
from training.task import Work
from training.validator import Score, Validator, read_held_out
from training.vocabulary import obtain_tokenizer


@dataclass(frozen=True)
class TranslationTask:
    """Parallel corpora to an encoder-decoder."""

    config: TrainingConfig

    @property
    def directions(self) -> tuple[Direction, ...]:
        return self.config.data.parsed_directions

    def obtain_tokenizer(self, kept: Path) -> SentencePieceTokenizer:
        return obtain_tokenizer(self.config, kept)

    def read(self, tokenizer: SentencePieceTokenizer) -> tuple[ParallelCorpus, str]:
        corpus, report = load_corpus(self.config.data, self.config.data.train_paths, tokenizer)
        return corpus, str(report)

    def build(self, tokenizer: SentencePieceTokenizer, corpus: ParallelCorpus, world: World, best: Path) -> Work:
        options = self.config.training
        model = Seq2Seq(self.config.model).to(world.device)
        sampler = Sampler(
            corpus.source_lengths, corpus.target_lengths, batch_tokens=options.batch_tokens, seed=options.seed,
            world=world.size, rank=world.rank,
        )  # fmt: skip
        validator, report = self._validator(model, tokenizer, world)

        def save_best(score: Score, progress: Progress) -> None:
            provenance = {
                "training": self.config.to_mapping() | {"progress": asdict(progress)},
                "validation": {"bleu": score.bleu_by_direction, "signatures": score.signatures, "nll": score.nll},
            }
            save_artifact(best, Artifact(model, self.directions, tokenizer, provenance))

        objective = TranslationObjective(model, options.label_smoothing, options.r_drop, options.guided_alignment)
        guidance = Guidance(corpus, tokenizer.size) if options.guided_alignment else None
        batches = _batches(sampler, corpus, guidance, world)
        return Work(model, objective, sampler, batches, validator, report, save_best)

    def _validator(self, model: Seq2Seq, tokenizer: SentencePieceTokenizer, world: World) -> tuple[Validator, str]:
        data, options = self.config.data, self.config.validation
        corpus, report = load_corpus(
            data, [data.validation_paths], tokenizer, most=options.max_sentences, key="data.validation"
        )
        held_out = [read_held_out(data, direction, options.max_sentences) for direction in self.directions]
        search = SearchOptions(beam_size=options.beam_size)
        return Validator(model, tokenizer, corpus, held_out, search, options.samples, world), str(report)


def _batches(
    sampler: Sampler, corpus: ParallelCorpus, guidance: Guidance | None, world: World
) -> Iterator[TrainingBatch | None]:
    for indices in sampler:
        if not len(indices):
            yield None
            continue
        batch = corpus.batch(indices)
        if guidance is not None:
            batch = replace(batch, links_BT=guidance.links(indices))
        yield batch.to(world.device)
