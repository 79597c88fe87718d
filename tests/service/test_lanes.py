"""The running batch, step by step, without threads: here, and in a process of its own."""

import itertools
from collections.abc import Iterator, Sequence

import pytest

from nmt.batch import Batch
from nmt.config import SearchOptions
from nmt.errors import InputError
from nmt.search import search
from service.decoding import Running, Speed
from service.lanes import Failed, Found, Lanes, News, Said, Sentence
from service.remote import RemoteLanes
from tests.service.fakes import FakePassage, FakeTranslator

GREEDY, WIDE = SearchOptions(beam_size=1), SearchOptions(beam_size=4, n_best=2)


def sentences(
    translator: FakeTranslator, text: str, options: SearchOptions, request: int, **given: bool
) -> list[Sentence]:
    draft = translator.draft(text, translator.directions[0], options)
    return [
        Sentence(request, (0, place), passage, translator, options, **given)
        for place, passage in enumerate(draft.passages)
    ]


@pytest.fixture(params=["here", "remote"])
def lanes(request: pytest.FixtureRequest) -> Iterator[Running]:
    remote = request.param == "remote"
    lanes = RemoteLanes(request.getfixturevalue("fork_server").start) if remote else Lanes()
    lanes.begin()
    yield lanes
    lanes.close()


def run(lanes: Running, most: int = 100) -> list[News]:
    return [news for _ in range(most) for news in lanes.step([])]


def test_sentences_that_join_at_any_step_are_found_as_they_are_alone(lanes: Running) -> None:
    translator, found = FakeTranslator(), []
    texts = ["a dog runs", "the beach. is on the dog", "a", "dog " * 30, "b c d"]
    given = [
        (sentence, options)
        for request, (text, options) in enumerate(itertools.product(texts, (GREEDY, WIDE)))
        for sentence in sentences(translator, text, options, request)
    ]
    for sentence, _ in given:
        found += lanes.step([sentence.waiting(0)])
        assert len(lanes.loads) <= 2
    found += run(lanes)
    assert not lanes.loads
    by_sentence = {news.sentence: news.hypotheses for news in found if isinstance(news, Found)}
    for sentence, options in given:
        (alone,) = search(translator.scorer, translator.batch([sentence.passage]), options)
        assert [one.tokens for one in by_sentence[sentence]] == [one.tokens for one in alone]


def test_loads_are_what_runs(lanes: Running) -> None:
    translator = FakeTranslator()
    arrivals = [*sentences(translator, "a b c d\n\na b", GREEDY, 1), *sentences(translator, "a b c", WIDE, 2)]
    lanes.step([sentence.waiting(0) for sentence in arrivals])
    assert [(load.sentences, load.rows, load.longest) for load in lanes.loads.values()] == [(2, 2, 5), (1, 4, 4)]
    assert [load.tokens for load in lanes.loads.values()] == [10, 4]


def test_what_is_dropped_is_never_heard_of(lanes: Running) -> None:
    translator = FakeTranslator()
    arrivals = [*sentences(translator, "a b c\n\nd e f", GREEDY, 1), *sentences(translator, "g h", GREEDY, 2)]
    lanes.step([sentence.waiting(0) for sentence in arrivals])
    lanes.drop({1, 99})
    assert {news.sentence.request for news in run(lanes)} == {2}


def test_only_the_watched_are_told_how_they_get_on(lanes: Running) -> None:
    translator = FakeTranslator()
    arrivals = [
        *sentences(translator, "a b c", GREEDY, 1, watched=True),
        *sentences(translator, "d e f", GREEDY, 2),
    ]
    news = lanes.step([sentence.waiting(0) for sentence in arrivals]) + run(lanes)
    said = [(one.sentence.request, len(one.tokens)) for one in news if isinstance(one, Said)]
    assert said == [(1, 1), (1, 2), (1, 3)]


class Picky(FakeTranslator):
    """Takes no passage of one word."""

    def batch(self, passages: Sequence[FakePassage]) -> Batch:
        if any(len(passage.ids) == 2 for passage in passages):
            raise InputError("one word")
        return super().batch(passages)


def test_one_that_cannot_join_fails_alone(lanes: Running) -> None:
    translator = Picky()
    good, bad, other = sentences(translator, "a b\n\nc\n\nd e", GREEDY, 1)
    news = lanes.step([sentence.waiting(0) for sentence in (good, bad, other)]) + run(lanes)
    (failed,) = [one for one in news if isinstance(one, Failed)]
    assert failed.sentence is bad and isinstance(failed.error, InputError)
    assert [one.sentence for one in news if isinstance(one, Found)] == [good, other]


def test_after_a_fault_a_lane_starts_anew(lanes: Running) -> None:
    translator = FakeTranslator(failure=RuntimeError("x"))
    arrivals = sentences(translator, "a b\n\nc d", GREEDY, 1)
    news = lanes.step([sentence.waiting(0) for sentence in arrivals])
    assert [type(one) for one in news] == [Failed, Failed] and not lanes.loads


def test_times_are_from_waiting_to_joining_to_the_end() -> None:
    translator, lanes = FakeTranslator(), Lanes(clock=itertools.count().__next__)
    (sentence,) = sentences(translator, "a", GREEDY, 1)
    news = [one for one in (lanes.step([sentence.waiting(-5)]) + run(lanes)) if isinstance(one, Found)]
    assert [(one.waited_s, one.decoded_s) for one in news] == [(5, 2)]


def test_speed_is_that_of_late() -> None:
    speed = Speed()
    assert speed.tokens_per_s == 0
    for step in range(100):
        speed.note(10, step, step + 1)
    assert speed.tokens_per_s == pytest.approx(10)
    for step in range(200):
        speed.note(50, step, step + 1)
    assert speed.tokens_per_s == pytest.approx(50, rel=0.01)
