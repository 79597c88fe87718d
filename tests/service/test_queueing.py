"""The policy of the queue, without threads, a clock or a model."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import QueueFullError
from service.queueing import PADDING, FairQueue, Limits, Load, Room, Waiting, alike, padded

NEVER = 1e9
LIMITS = Limits(rows=20, tokens=200, lanes=2)
SENTENCES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 60), st.integers(1, 10)), max_size=12)
REQUESTS = st.dictionaries(st.integers(0, 5), SENTENCES, max_size=6)


def queue_of(requests: dict[int, list[tuple[str, int, int]]]) -> FairQueue[tuple[int, int]]:
    """Each request's sentences as (lane, tokens, rows); an item is (request, place)."""
    queue: FairQueue[tuple[int, int]] = FairQueue(10_000)
    for request, sentences in requests.items():
        queue.admit(request, 0, NEVER)
        queue.put(request, [Waiting((request, i), *sentence) for i, sentence in enumerate(sentences)])
    return queue


class Running:
    """Sentences that run, in lanes as they were opened; as many steps as one likes."""

    def __init__(self) -> None:
        self.lanes: dict[object, list[Waiting[tuple[int, int]]]] = {}

    def room(self, share: float = math.inf) -> Room:
        return Room(LIMITS, {lane: load_of(running) for lane, running in self.lanes.items()}, share)

    def join(self, taken: list[Waiting[tuple[int, int]]]) -> None:
        for waiting in taken:
            self.lanes.setdefault(waiting.lane, []).append(waiting)

    def end_first_of_each(self) -> None:
        self.lanes = {lane: running[1:] for lane, running in self.lanes.items() if running[1:]}

    def load(self) -> list[Load]:
        return [load_of(running) for running in self.lanes.values()]


def load_of(running: list[Waiting[tuple[int, int]]]) -> Load:
    load = Load()
    for waiting in running:
        load = load.joined(waiting.tokens, waiting.rows)
    return load


@given(REQUESTS)
def test_everything_runs_in_the_end_once_and_in_its_requests_order(
    requests: dict[int, list[tuple[str, int, int]]],
) -> None:
    queue, running, order = queue_of(requests), Running(), []
    for _ in range(200):
        taken = queue.take(running.room(), now=0)
        order += [waiting.item for waiting in taken]
        running.join(taken)
        running.end_first_of_each()
    assert Counter(order) == Counter((request, i) for request, found in requests.items() for i in range(len(found)))
    for request in requests:
        assert [i for other, i in order if other == request] == list(range(len(requests[request])))
    assert queue.tokens == queue.requests == 0


@given(REQUESTS, st.integers(1, 4))
def test_what_waits_is_dealt_out_evenly_and_all_of_it(
    requests: dict[int, list[tuple[str, int, int]]], decoders: int
) -> None:
    queue, batches = queue_of(requests), [Running() for _ in range(decoders)]
    for turn in range(400):
        rows = [sum(load.rows for load in batch.load()) for batch in batches]
        share = -(-(queue.rows + sum(rows)) // decoders)
        place = turn % decoders
        taken = queue.take(batches[place].room(share), now=0)
        batches[place].join(taken)
        assert sum(waiting.rows for waiting in taken[:-1]) < max(1, share - rows[place])
        batches[place].end_first_of_each()
    assert queue.rows == queue.sentences == 0


@given(st.integers(1, 30), st.integers(1, 8), st.integers(1, 5))
def test_idle_decoders_take_a_text_apart_as_evenly_as_it_goes(sentences: int, decoders: int, rows: int) -> None:
    queue = queue_of({0: [("a", 5, rows)] * sentences})
    limits, running, dealt = Limits(rows=1000, tokens=1000, lanes=1), 0, []
    for _ in range(decoders):
        share = -(-(queue.rows + running) // decoders)
        taken = queue.take(Room(limits, {}, share), now=0)
        running += rows * len(taken)
        dealt.append(len(taken))
    assert sum(dealt) == sentences and max(dealt) == -(-sentences // decoders)


@given(REQUESTS)
def test_what_runs_stays_within_the_limits(requests: dict[int, list[tuple[str, int, int]]]) -> None:
    queue, running = queue_of(requests), Running()
    for _ in range(50):
        running.join(queue.take(running.room(), now=0))
        loads = running.load()
        assert len(loads) <= LIMITS.lanes
        alone = len(loads) == 1 and loads[0].sentences == 1
        assert alone or sum(load.rows for load in loads) <= LIMITS.rows
        assert alone or sum(load.tokens for load in loads) <= LIMITS.tokens
        running.end_first_of_each()


def test_a_short_request_does_not_wait_for_a_long_one_that_came_before() -> None:
    queue = queue_of({0: [("a", 10, 5)] * 100})
    few = Limits(rows=10, tokens=1000, lanes=1)
    assert [waiting.item for waiting in queue.take(Room(few, {}), now=0)] == [(0, 0), (0, 1)]
    queue.admit(1, 0, NEVER)
    queue.put(1, [Waiting((1, 0), "a", 10, 5)])
    assert [waiting.item for waiting in queue.take(Room(few, {}), now=0)] == [(1, 0), (0, 2)]


def test_a_long_request_does_not_wait_for_short_ones_for_ever() -> None:
    queue, done = queue_of({-1: [("a", 8, 1)] * 10}), []
    for number in range(100):
        queue.admit(number, 0, NEVER)
        queue.put(number, [Waiting((number, 0), "a", 8, 1)])
        done += [waiting.item[0] for waiting in queue.take(Room(Limits(rows=1, tokens=100, lanes=1), {}), now=0)]
    assert done.count(-1) == 10 and done[-1] != -1


@given(REQUESTS)
def test_requests_that_come_together_are_finished_by_size(requests: dict[int, list[tuple[str, int, int]]]) -> None:
    queue, ended = queue_of(requests), []
    while taken := queue.take(Room(Limits(rows=1, tokens=1, lanes=1), {}), now=0):
        (waiting,) = taken
        request, place = waiting.item
        if place == len(requests[request]) - 1:
            ended.append(sum(rows * padded(tokens) for _, tokens, rows in requests[request]))
    assert ended == sorted(ended)


def test_nothing_small_goes_before_what_does_not_fit() -> None:
    queue = queue_of({0: [("a", 100, 5)], 1: [("a", 1, 101)]})
    room = Room(Limits(rows=200, tokens=150, lanes=1), {"a": Load(1, 5, 100)})
    assert queue.take(room, now=0) == []


def test_a_lane_that_is_always_busy_makes_room_for_another() -> None:
    limits = Limits(rows=4, tokens=1000, lanes=1)
    queue, running, taken = queue_of({0: [("a", 5, 1)] * 50, 1: [("b", 5, 1)]}), Running(), []
    for _ in range(6):
        found = queue.take(Room(limits, {lane: load_of(sentences) for lane, sentences in running.lanes.items()}), 0)
        taken += [waiting.lane for waiting in found]
        running.join(found)
        running.end_first_of_each()
    assert "b" in taken


def test_what_is_over_its_deadline_is_not_begun() -> None:
    queue: FairQueue[str] = FairQueue(100)
    for name, deadline in (("late", 5.0), ("early", 50.0)):
        queue.admit(name, 0, deadline)
        queue.put(name, [Waiting(name, "a", 3, 1)])
    assert [waiting.item for waiting in queue.take(Room(LIMITS, {}), now=5.0)] == ["early"]
    assert queue.tokens == 0


def test_a_request_that_has_left_leaves_nothing() -> None:
    queue = queue_of({0: [("a", 5, 1)] * 3, 1: [("a", 5, 1)]})
    queue.leave(0)
    queue.put(0, [Waiting((0, 9), "a", 5, 1)])
    queue.leave(7)
    assert queue.tokens == padded(5) and queue.requests == 1
    assert [waiting.item for waiting in queue.take(Room(LIMITS, {}), now=0)] == [(1, 0)]


def test_a_queue_counts_tokens_and_refuses_what_is_too_much() -> None:
    queue: FairQueue[str] = FairQueue(100)
    queue.admit("whole", 1000, NEVER)  # where nothing waits, anything may
    with pytest.raises(QueueFullError):
        queue.admit("next", 100, NEVER)
    queue.put("whole", [Waiting("x", "a", PADDING + 1, 1)], instead_of=1000)
    assert queue.tokens == 2 * PADDING
    queue.admit("next", 100 - 2 * PADDING, NEVER)
    with pytest.raises(QueueFullError):
        queue.admit("more", 20, NEVER)


def test_a_large_request_keeps_no_short_one_out() -> None:
    queue: FairQueue[int] = FairQueue(800)
    queue.admit("large", 100_000, NEVER)
    for number in range(70):
        queue.admit(number, 10, NEVER)
    with pytest.raises(QueueFullError):
        queue.admit("one more", 10, NEVER)
    with pytest.raises(QueueFullError):
        queue.admit("another large one", 101, NEVER)


@pytest.mark.parametrize(("speed", "seconds"), [(0.0, 1), (100.0, 10), (1.0, 30), (1e9, 1)])
def test_a_refusal_says_when_there_will_be_room(speed: float, seconds: int) -> None:
    queue: FairQueue[str] = FairQueue(1000)
    queue.admit("first", 1000, NEVER)
    with pytest.raises(QueueFullError) as caught:
        queue.admit("second", 1000, NEVER, tokens_per_s=speed)
    assert caught.value.retry_after_s == seconds


@given(st.lists(st.integers(1, 100), max_size=30))
def test_sentences_that_join_together_are_alike(lengths: list[int]) -> None:
    groups = alike(lengths)
    assert sorted(place for group in groups for place in group) == list(range(len(lengths)))
    for group in groups:
        assert 2 * min(lengths[place] for place in group) > max(lengths[place] for place in group)
