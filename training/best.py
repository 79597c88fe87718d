"""The best model of a run, as a folder to use."""

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nmt.artifact import Artifact, save_artifact
from nmt.known_words import KnownWords
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer
from training.config import TrainingConfig
from training.corpus import ParallelCorpus
from training.loop import Progress
from training.start import Start
from training.validator import Score
from training.words import learnt_words


@dataclass(frozen=True)
class BestModel:
    """Writes `model` to `folder` as it is at the time, with all that belongs to it."""

    folder: Path
    model: Seq2Seq
    tokenizer: SentencePieceTokenizer
    corpus: ParallelCorpus
    config: TrainingConfig
    start: Start | None

    def save(self, score: Score, progress: Progress) -> None:
        """Raises ArtifactError where the folder can't be written."""
        directions, provenance = self.config.data.parsed_directions, self._provenance(score, progress)
        save_artifact(self.folder, Artifact(self.model, directions, self.tokenizer, provenance, self._known_words))

    def _provenance(self, score: Score, progress: Progress) -> dict[str, Any]:
        found = {
            "training": self.config.to_mapping() | {"progress": asdict(progress)},
            "validation": {
                "bleu": score.bleu_by_direction, "signatures": score.signatures, "chrf": score.chrf, "nll": score.nll,
            },
        }  # fmt: skip
        return found if self.start is None else found | {"started_from": self.start.provenance}

    @cached_property
    def _known_words(self) -> KnownWords | None:
        """Those of the corpus, and those that the model knew; None where it knew some and nobody knows which."""
        if self.start is None:
            return learnt_words(self.corpus, self.tokenizer)
        known = self.start.known_words
        return None if known is None else known | learnt_words(self.corpus, self.tokenizer)
