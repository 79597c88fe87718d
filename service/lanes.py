"""The running batch: sentences join it and leave it at every step, each in the search that suits it."""

import time
from collections.abc import Callable, Collection, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch

from nmt.config import SearchOptions
from nmt.errors import NmtError
from nmt.search import BeamSearch, Hypothesis, search
from service.queueing import Load, Waiting, alike
from service.translating import Searched, Searching


@dataclass(frozen=True, eq=False)
class Sentence:
    """A passage to be searched for. `place` says where it belongs in its request; `watched`: tell how it gets on."""

    request: Hashable
    place: tuple[int, int]
    passage: Searched
    translator: Searching
    options: SearchOptions
    watched: bool = False

    def waiting(self, now: float) -> Waiting["Sentence"]:
        """This sentence in a queue."""
        lane = (self.translator, self.options)
        return Waiting(self, lane, len(self.passage.ids), self.options.beam_size, now)


@dataclass(frozen=True)
class Found:
    """The search has ended. Times are in seconds."""

    sentence: Sentence
    hypotheses: Sequence[Hypothesis]
    waited_s: float
    decoded_s: float


@dataclass(frozen=True)
class Failed:
    """The search can't go on."""

    sentence: Sentence
    error: Exception


@dataclass(frozen=True)
class Said:
    """What the best row of a watched sentence has said so far, in token ids."""

    sentence: Sentence
    tokens: tuple[int, ...]


News: TypeAlias = Found | Failed | Said
Clock: TypeAlias = Callable[[], float]


@dataclass(frozen=True)
class _Running:
    sentence: Sentence
    since: float
    joined: float


class Lane:
    """One search, for all sentences that have the translator and the options in common."""

    def __init__(self, translator: Searching, options: SearchOptions, clock: Clock) -> None:
        self._translator, self._clock = translator, clock
        self._search: BeamSearch[Any] = BeamSearch(translator.scorer, options)
        self._running: dict[int, _Running] = {}

    @property
    def load(self) -> Load:
        lengths = [len(running.sentence.passage.ids) for running in self._running.values()]
        rows = len(lengths) * self._search.options.beam_size
        return Load(len(lengths), rows, max(lengths, default=0))

    def join(self, arrivals: Sequence[Waiting[Sentence]]) -> list[News]:
        """Let sentences join; what can't, for a fault of its own, fails alone."""
        news: list[News] = []
        for places in alike([waiting.tokens for waiting in arrivals]):
            group = [arrivals[place] for place in places]
            try:
                self._add(group)
            except NmtError:
                news += [failed for waiting in group if (failed := self._add_alone(waiting))]
            except Exception as error:
                news += [Failed(waiting.item, error) for waiting in group]
        return news

    def advance(self) -> list[News]:
        """One step with all sentences: what has been found, and how those that are watched get on."""
        try:
            self._search.advance()
            found, now = self._search.finished(), self._clock()
        except Exception as error:
            return self._all_failed(error)
        news: list[News] = []
        for ticket, hypotheses in found.items():
            running = self._running.pop(ticket)
            waited_s, decoded_s = running.joined - running.since, now - running.joined
            news.append(Found(running.sentence, hypotheses, waited_s, decoded_s))
        watched = [ticket for ticket, running in self._running.items() if running.sentence.watched]
        said = self._search.best_so_far(watched) if watched else {}
        return [*news, *(Said(self._running[ticket].sentence, tokens) for ticket, tokens in said.items())]

    def drop(self, requests: Collection[Hashable]) -> None:
        """Forget all sentences of these requests."""
        unwanted = [ticket for ticket, running in self._running.items() if running.sentence.request in requests]
        if unwanted:
            self._search.drop(unwanted)
            for ticket in unwanted:
                del self._running[ticket]

    def _add(self, group: Sequence[Waiting[Sentence]]) -> None:
        passages = [waiting.item.passage for waiting in group]
        terms = [passage.terms for passage in passages]
        tickets = self._search.add(self._translator.batch(passages), terms=terms if any(terms) else None)
        now = self._clock()
        for ticket, waiting in zip(tickets, group, strict=True):
            self._running[ticket] = _Running(waiting.item, waiting.since, now)

    def _add_alone(self, waiting: Waiting[Sentence]) -> Failed | None:
        try:
            self._add([waiting])
        except Exception as error:
            return Failed(waiting.item, error)
        return None

    def _all_failed(self, error: Exception) -> list[News]:
        """After a fault the search is in no known state: it starts anew, empty."""
        failed: list[News] = [Failed(running.sentence, error) for running in self._running.values()]
        self._search = BeamSearch(self._translator.scorer, self._search.options)
        self._running.clear()
        return failed


class Lanes:
    """All that runs. A lane opens when its first sentence comes and is gone with its last.

    It is decoded on the thread that takes the steps, by `threads` of torch's.
    """

    is_up = True
    wants_step = False

    def __init__(self, clock: Clock = time.monotonic, threads: int = 1) -> None:
        self._clock, self._threads = clock, threads
        self._lanes: dict[Hashable, Lane] = {}

    @property
    def loads(self) -> dict[Hashable, Load]:
        """What runs in each lane, in the order in which they were opened."""
        return {key: lane.load for key, lane in self._lanes.items()}

    def begin(self) -> None:
        """Get ready, on the thread that will take the steps."""
        torch.set_num_threads(self._threads)

    def close(self) -> None:
        """Nothing is left behind."""

    def search(
        self, translator: Searching, passages: Sequence[Searched], options: SearchOptions
    ) -> Future[list[list[Hypothesis]]]:
        """What is found, apart from all else that runs; here it is found at once, on the thread that asks."""
        found: Future[list[list[Hypothesis]]] = Future()
        found.set_result(search(translator.scorer, translator.batch(passages), options))
        return found

    def step(self, arrivals: Sequence[Waiting[Sentence]]) -> list[News]:
        """Let sentences join, then take a step with all."""
        news: list[News] = []
        by_lane: dict[Hashable, list[Waiting[Sentence]]] = {}
        for waiting in arrivals:
            by_lane.setdefault(waiting.lane, []).append(waiting)
        for key, group in by_lane.items():
            news += self._opened(key, group[0].item).join(group)
        for lane in self._lanes.values():
            news += lane.advance()
        self._close_empty()
        return news

    def drop(self, requests: Collection[Hashable]) -> None:
        """Forget all sentences of these requests."""
        for lane in self._lanes.values():
            lane.drop(requests)
        self._close_empty()

    def _opened(self, key: Hashable, sentence: Sentence) -> Lane:
        if key not in self._lanes:
            self._lanes[key] = Lane(sentence.translator, sentence.options, self._clock)
        return self._lanes[key]

    def _close_empty(self) -> None:
        for key in [key for key, lane in self._lanes.items() if not lane.load.sentences]:
            del self._lanes[key]
