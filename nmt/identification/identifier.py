"""Text in, language out, with honest confidence; or any other label, where the classifier has learnt others."""

import math
from collections.abc import Collection, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from nmt.errors import ArtifactError, InputError
from nmt.identification.artifact import ClassifierArtifact, load_classifier
from nmt.identification.engine import ClassifierEngine
from nmt.identification.text import has_letters

BUNDLED = Path(__file__).parents[1] / "models" / "language-id"
BATCH = 256
UNSURE_BELOW = 0.5
MOST = 5

_second = itemgetter(1)


class Detection(NamedTuple):
    """A language and how likely it is, in [0, 1]; in a classifier of something else, `language` is its label."""

    language: str
    confidence: float


class LanguageIdentifier:
    """Says which language a text is in. Its methods may be called from several threads at once.

    `labels` are ISO 639-1 codes where there is one, else ISO 639-3. Of a long text the start is read: 1,000 characters,
    and of them the first `max_pieces` of the model's vocabulary.
    """

    def __init__(self, artifact: ClassifierArtifact, *, name: str) -> None:
        header = artifact.header
        self.name, self.labels, self.provenance = name, header.labels, dict(artifact.provenance)
        self.needs_letters = header.label_kind == "languages"
        self._header, self._tokenizer = header, artifact.tokenizer
        self._temperature, self._shape = header.temperature, header.model
        self._engine = ClassifierEngine(artifact.weights, header.model.pooling)
        self._all = np.arange(len(self.labels))
        self._index = {label: index for index, label in enumerate(self.labels)}

    @classmethod
    def load(cls, folder: Path | str | None = None) -> Self:
        """The classifier in `folder`, or the language identifier that comes with the package. Raises ArtifactError."""
        if folder is None and not BUNDLED.is_dir():
            raise ArtifactError("this installation has no bundled language identifier; name the folder of one")
        found = BUNDLED if folder is None else Path(folder)
        return cls(load_classifier(found), name=found.resolve().name)

    def identify(self, text: str, among: Collection[str] | None = None, *, most: int = MOST) -> list[Detection]:
        """The `most` likely of all labels, or of those in `among`, over which the probabilities then sum to 1.

        The most likely one stands first. `among` says that the text is in one of these languages; codes that are not in
        `labels` can't be recognised and are left out. A text without letters is in no language: all have confidence 0,
        in the order of `labels`. Raises InputError where `among` has no known code, where `most` is below 1, and for
        text that is not valid Unicode.
        """
        chosen = self._chosen(among, most)
        ids = self._tokenizer.read(text, self._shape)
        if self.needs_letters and not has_letters(text):
            return self._nothing(chosen, most)
        logits = self._engine.logits(ids)[chosen].tolist()
        highest = max(logits)
        weights = [math.exp((logit - highest) / self._temperature) for logit in logits]
        total = sum(weights)
        ranked = sorted(zip(chosen.tolist(), weights, strict=True), key=_second, reverse=True)
        return [Detection(self.labels[index], weight / total) for index, weight in ranked[:most]]

    def identify_batch(
        self, texts: Sequence[str], among: Collection[str] | None = None, *, most: int = MOST
    ) -> list[list[Detection]]:
        """What `identify` gives for each text, sooner."""
        chosen = self._chosen(among, most)
        ids = [self._tokenizer.read(text, self._shape) for text in texts]
        order = sorted(range(len(texts)), key=lambda index: len(ids[index]))
        found: list[list[Detection]] = [[]] * len(texts)
        for start in range(0, len(texts), BATCH):
            batch = order[start : start + BATCH]
            logits_BL = self._engine.batch_logits([ids[index] for index in batch])
            for index, detections in zip(batch, self._ranked(logits_BL, chosen, most), strict=True):
                found[index] = detections
        if self.needs_letters:
            for index, text in enumerate(texts):
                if not has_letters(text):
                    found[index] = self._nothing(chosen, most)
        return found

    @staticmethod
    def unsure(detections: Sequence[Detection]) -> bool:
        """Whether the best of `detections` is no better than a guess: a confidence below UNSURE_BELOW.

        So it is for a text without letters.
        """
        return not detections or detections[0].confidence < UNSURE_BELOW

    def describe(self) -> dict[str, Any]:
        """What this classifier is, in what JSON can hold."""
        return {"name": self.name, **self._header.to_mapping(), "provenance": self.provenance}

    def _chosen(self, among: Collection[str] | None, most: int) -> NDArray[np.int64]:
        """The numbers of the labels to choose from."""
        if most < 1:
            raise InputError(f"most: got {most}, expected at least 1")
        if among is None:
            return self._all
        known = sorted({self._index[label] for label in among if label in self._index})
        if not known:
            raise InputError(
                f"none of {', '.join(map(repr, among)) or 'no languages'} is a language that is recognised"
            )
        return np.array(known)

    def _nothing(self, chosen: NDArray[np.int64], most: int) -> list[Detection]:
        return [Detection(self.labels[index], 0.0) for index in chosen[:most].tolist()]

    def _ranked(self, logits_BL: NDArray[np.float32], chosen: NDArray[np.int64], most: int) -> list[list[Detection]]:
        scaled_BC = logits_BL[:, chosen].astype(np.float64) / self._temperature
        weights_BC = np.exp(scaled_BC - scaled_BC.max(axis=1, keepdims=True))
        confidence_BC = weights_BC / weights_BC.sum(axis=1, keepdims=True)
        order_BC = np.argsort(-confidence_BC, axis=1, kind="stable")[:, :most]
        sorted_BC = np.take_along_axis(confidence_BC, order_BC, axis=1)
        labels = self.labels
        return [
            [Detection(labels[index], confidence) for index, confidence in zip(indices, confidences, strict=True)]
            for indices, confidences in zip(chosen[order_BC].tolist(), sorted_BC.tolist(), strict=True)
        ]
