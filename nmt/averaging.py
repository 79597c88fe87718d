"""The mean of two models' weights."""

from dataclasses import replace
from typing import Any

from nmt.artifact import Artifact
from nmt.errors import ArtifactError
from nmt.known_words import KnownWords
from nmt.model import Seq2Seq


def mean_of(artifact: Artifact, other: Artifact, share: float) -> Artifact:
    """`artifact` with each weight (1 - share) w + share w', w' that of `other`; 0 <= share <= 1.

    The mean of a model and of one that was trained on from it, or of two from the same one, is often better than both,
    or good at what either is good at ("Model soups", Wortsman et al., 2022). Its provenance is that of both, without
    their scores, which are not its own. It knows the words of both; where those of one aren't known, nor are its own.

    Raises ArtifactError for models of other shapes, dropout aside, or other vocabularies.
    """
    if artifact.config.shape != other.config.shape:
        raise ArtifactError("the weights of models of different shapes have no mean")
    if artifact.tokenizer.serialized != other.tokenizer.serialized:
        raise ArtifactError("the weights of models with different vocabularies have no mean")
    model, theirs = Seq2Seq(artifact.config), other.model.state_dict()
    model.load_state_dict(
        {name: weight.lerp(theirs[name], share) for name, weight in artifact.model.state_dict().items()}
    )
    provenance = {"mean_of": {"first": _part(artifact, 1 - share), "second": _part(other, share)}}
    return replace(artifact, model=model.eval(), provenance=provenance, known_words=_words(artifact, other))


def _part(artifact: Artifact, share: float) -> dict[str, Any]:
    unmeasured = {key: value for key, value in artifact.provenance.items() if key not in ("scores", "validation")}
    return {**unmeasured, "share": share}


def _words(artifact: Artifact, other: Artifact) -> KnownWords | None:
    if artifact.known_words is None or other.known_words is None:
        return None
    return artifact.known_words | other.known_words
