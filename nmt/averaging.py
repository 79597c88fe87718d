"""The mean of two models' weights."""

from dataclasses import replace

from nmt.artifact import Artifact
from nmt.errors import ArtifactError
from nmt.model import Seq2Seq


def mean_of(artifact: Artifact, other: Artifact, share: float) -> Artifact:
    """`artifact` with each weight (1 - share) w + share w', w' that of `other`; 0 <= share <= 1.

    The mean of a model and of one that was trained on from it, or of two from the same one, is often better than both,
    or good at what either is good at ("Model soups", Wortsman et al., 2022). Raises ArtifactError for models of other
    shapes, dropout aside, or other vocabularies.
    """
    ours, theirs = artifact.model.state_dict(), other.model.state_dict()
    shapes = [{name: weight.shape for name, weight in weights.items()} for weights in (ours, theirs)]
    if shapes[0] != shapes[1] or artifact.config.cell != other.config.cell:
        raise ArtifactError("the weights of models of different shapes have no mean")
    if artifact.tokenizer.serialized != other.tokenizer.serialized:
        raise ArtifactError("the weights of models with different vocabularies have no mean")
    model = Seq2Seq(artifact.config)
    model.load_state_dict({name: weight.lerp(theirs[name], share) for name, weight in ours.items()})
    return replace(artifact, model=model.eval())
