"""Training a Transformer as our models are trained: only the network and the file it is kept in are its own."""

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import safetensors.torch
import torch
from transformer import Transformer, TransformerConfig

from nmt.direction import Direction
from nmt.files import replace_file
from nmt.model import Seq2Seq
from nmt.tokenizer import SentencePieceTokenizer
from nmt.translator import MAX_SOURCE_TOKENS, Translator
from training.loop import Progress
from training.task import Score, Work
from training.translation import TranslationTask

Directions = tuple[Direction, ...]
CONFIG, WEIGHTS = "config.json", "model.safetensors"


@dataclass(frozen=True)
class TransformerTask(TranslationTask):
    """Translation, with a network of this shape where the configuration has a recurrent one."""

    shape: TransformerConfig

    def build(self, tokenizer: SentencePieceTokenizer, corpus: Any, place: Any, best: Path) -> Work:
        work = super().build(tokenizer, corpus, place, best)
        model = Transformer(self.shape).to(next(work.model.parameters()).device)
        objective, validator = cast(Any, work.objective), cast(Any, work.validator)
        objective.model = validator.objective.model = model
        validator.translator = translator_of(model, tokenizer, self.directions, longest=sys.maxsize)

        def save_best(score: Score, progress: Progress) -> None:
            weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
            best.mkdir(exist_ok=True)
            replace_file(best / WEIGHTS, safetensors.torch.save(weights))
            described = {"model": self.shape.to_mapping(), "progress": asdict(progress), "validation": score.value}
            replace_file(best / CONFIG, json.dumps(described, indent=2).encode())

        return replace(work, model=model, save_best=save_best)


def load_transformer(best: Path, tokenizer: SentencePieceTokenizer, directions: Directions) -> Translator:
    """What the best model of a run translates with."""
    described = json.loads((best / CONFIG).read_text(encoding="utf-8"))
    model = Transformer(TransformerConfig.from_mapping(described["model"]))
    model.load_state_dict(safetensors.torch.load((best / WEIGHTS).read_bytes()))
    return translator_of(model, tokenizer, directions)


def translator_of(
    model: Transformer,
    tokenizer: SentencePieceTokenizer,
    directions: Directions,
    longest: int = MAX_SOURCE_TOKENS,
) -> Translator:
    """Our translator: it reads, searches and writes alike, whichever of the two networks predicts."""
    return Translator(cast(Seq2Seq, model), tokenizer, directions, name="Transformer", max_source_tokens=longest)


def parameters(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
