"""A process that decodes: for each order that comes through its pipe it takes a step, and replies with the news."""

import os
import traceback
from multiprocessing.connection import Connection

import torch

import nmt.engine.portable  # noqa: F401  (models come as these; loaded before processes are forked, it is shared)
from nmt.errors import NmtError
from service.errors import status_of
from service.lanes import Failed, Found, Lanes, News, Sentence
from service.messages import Arrival, FailedReply, FoundReply, Order, Reply, SaidReply, as_bytes
from service.queueing import Waiting
from service.translating import Portable, Searching


class OrderedLanes:
    """Lanes whose sentences and translators are known by their numbers."""

    def __init__(self) -> None:
        self._lanes = Lanes()
        self._translators: dict[int, Searching] = {}

    def take_in(self, number: int, translator: Searching) -> None:
        """Know a translator by this number from now on."""
        self._translators[number] = translator

    def step(self, order: Order) -> list[Reply]:
        """Do as ordered, and take a step."""
        if order.dropped:
            self._lanes.drop(set(order.dropped))
        news = self._lanes.step([self._waiting(arrival) for arrival in order.arrivals])
        for number in order.forgotten:
            self._translators.pop(number, None)
        return [reply_of(each) for each in news]

    def _waiting(self, arrival: Arrival) -> Waiting[Sentence]:
        translator = self._translators[arrival.translator]
        sentence = Sentence(arrival.number, (0, 0), arrival, translator, arrival.options, arrival.watched)
        return sentence.waiting(arrival.since)


def reply_of(news: News) -> Reply:
    """`news` of a sentence whose request is its number."""
    number = news.sentence.request
    assert isinstance(number, int)
    if isinstance(news, Found):
        return FoundReply(number, news.hypotheses, news.waited_s, news.decoded_s)
    if isinstance(news, Failed):
        return failed_reply(number, news.error)
    return SaidReply(number, news.tokens)


def failed_reply(number: int, error: Exception) -> FailedReply:
    """A mistake keeps its message; a fault doesn't, for that may hold what users write."""
    if isinstance(error, NmtError) and status_of(error) == 400:
        return FailedReply(number, str(error), "")
    frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    return FailedReply(number, None, f"{type(error).__name__}\n{frames}")


def received(portable: Portable, pipe: Connection) -> Searching:
    """The translator whose weights come next."""
    weights = portable.empty_weights()
    for array in weights:
        pipe.recv_bytes_into(as_bytes(array))
    return portable.unpacked(weights)


def decode(pipe: Connection) -> None:
    """Send this process's id, then serve orders on one thread until the other end of the pipe is closed."""
    torch.set_num_threads(1)
    lanes = OrderedLanes()
    try:
        pipe.send(os.getpid())
        while True:
            order: Order = pipe.recv()
            for number, portable in order.translators.items():
                lanes.take_in(number, received(portable, pipe))
            pipe.send(lanes.step(order))
    except (EOFError, ConnectionError):
        pass
