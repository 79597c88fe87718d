"""A searcher that has been to another process finds what it found."""

import pickle
from pathlib import Path

import pytest
import torch

from nmt.config import SearchOptions
from nmt.engine.portable import PortableSearcher, Weights
from nmt.search import search
from nmt.translator import Translator

OPTIONS = SearchOptions(beam_size=3, n_best=2, max_length=10)


def filled(portable: PortableSearcher, weights: list[Weights]) -> list[Weights]:
    room = portable.empty_weights()
    for place, array in zip(room, weights, strict=True):
        place[...] = array
    return room


@pytest.mark.parametrize("partners", [0, 1])
def test_what_is_sent_finds_the_same_to_the_last_bit(artifact_folder: Path, partners: int) -> None:
    translator = Translator.load(artifact_folder, *[artifact_folder] * partners)
    passages = translator.draft("A dog runs. The cat sleeps.", translator.directions[0], OPTIONS).passages
    sent = pickle.dumps(translator.portable())
    assert b"torch" not in sent  # no tensors: those would travel through shared memory
    arrived = pickle.loads(sent)
    assert isinstance(arrived, PortableSearcher)
    there = arrived.unpacked(filled(arrived, translator.weights()))
    for searching in (there, there.portable().unpacked(there.weights())):
        found = search(searching.scorer, searching.batch(passages), OPTIONS)
        alone = search(translator.scorer, translator.batch(passages), OPTIONS)
        for ours, theirs in zip(alone, found, strict=True):
            assert [one.tokens for one in ours] == [one.tokens for one in theirs]
            assert [one.token_log_probabilities for one in ours] == [one.token_log_probabilities for one in theirs]


def test_a_model_that_arrives_is_ready_to_decode(artifact_folder: Path) -> None:
    translator = Translator.load(artifact_folder)
    (member,) = translator.portable().unpacked(translator.weights()).members
    assert not member.model.training
    assert all(parameter.dtype == torch.float32 for parameter in member.model.parameters())
