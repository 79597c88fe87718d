"""Decoding in other processes: what is lost with one, what is sent to it, and when it ends."""

import gc
import os
import select
import signal
import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import pytest

from nmt.config import SearchOptions
from nmt.errors import InputError
from service.errors import DecoderLostError, retry_after_s, status_of
from service.forkserver import ForkServer
from service.lanes import Failed, Found, News, Sentence
from service.messages import Arrival, FailedReply, Order
from service.process import OrderedLanes, failed_reply
from service.remote import RemoteLanes
from tests.service.client import PATIENCE_S, serving
from tests.service.fakes import Deadly, FakePassage, FakePortable, FakeTranslator
from tests.service.test_lanes import GREEDY, run, sentences

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no decoding processes")


class Heavy(FakeTranslator):
    """Can't be sent."""

    def portable(self) -> FakePortable:
        raise RuntimeError("too large")


class Remote:
    """A decoding process, and what has been said of its ends."""

    def __init__(self, fork_server: ForkServer) -> None:
        self.losses = 0
        self.lanes = RemoteLanes(fork_server.start, self._lost)
        self.lanes.begin()

    def join(self, text: str, translator: FakeTranslator | None = None, request: int = 1) -> list[News]:
        arrivals = sentences(translator or FakeTranslator(), text, GREEDY, request)
        return self.lanes.step([sentence.waiting(0) for sentence in arrivals])

    def kill(self) -> None:
        """Kill the process; returns when it has ended."""
        assert self.lanes.pid is not None and self.lanes._pipe is not None
        os.kill(self.lanes.pid, signal.SIGKILL)
        select.select([self.lanes._pipe], [], [], PATIENCE_S)

    def _lost(self) -> None:
        self.losses += 1


@pytest.fixture
def remote(fork_server: ForkServer) -> Iterator[Remote]:
    remote = Remote(fork_server)
    yield remote
    remote.lanes.close()


def test_what_ran_in_a_process_that_ended_is_decoded_in_another(remote: Remote) -> None:
    news = remote.join("a b c\n\nd e f")
    first = remote.lanes.pid
    remote.kill()
    news += run(remote.lanes, 10)
    assert [type(one) for one in news] == [Found, Found]
    assert remote.losses == 1 and remote.lanes.pid != first and not remote.lanes.loads


def test_a_sentence_that_kills_twice_fails_and_the_next_is_decoded(remote: Remote) -> None:
    (failed,) = remote.join("a", Deadly())
    assert isinstance(failed, Failed) and isinstance(failed.error, DecoderLostError)
    assert status_of(failed.error) == 503 and retry_after_s(failed.error)
    assert remote.losses == 2 and remote.lanes.is_up and not remote.lanes.loads
    news = remote.join("a b") + run(remote.lanes, 10)
    assert [type(one) for one in news] == [Found] and remote.losses == 2


def test_a_process_that_ends_while_nothing_runs_is_noticed(remote: Remote) -> None:
    assert not remote.lanes.wants_step
    remote.kill()
    assert remote.lanes.wants_step
    assert remote.lanes.step([]) == [] and remote.losses == 1
    assert remote.lanes.is_up and not remote.lanes.wants_step


def test_where_no_process_can_be_had_all_fails() -> None:
    def start() -> None:
        raise OSError("no more processes")

    lanes = RemoteLanes(start)  # type: ignore[arg-type]
    found = lanes.search(FakeTranslator(), [FakePassage((5, 3), 0, 1)], GREEDY)
    with pytest.raises(OSError, match="no more"):
        lanes.begin()
    assert not lanes.is_up
    with pytest.raises(DecoderLostError):
        found.result(0)


def test_a_translator_that_cannot_be_sent_fails_its_sentences_alone(remote: Remote) -> None:
    news = remote.join("a b", request=1) + remote.join("c d", Heavy(), request=2) + run(remote.lanes, 10)
    assert [(one.sentence.request, type(one)) for one in news] == [(2, Failed), (1, Found)]
    assert remote.losses == 0


def test_what_is_searched_for_aside_is_found_by_whoever_asked(remote: Remote) -> None:
    translator = FakeTranslator()
    ids = [sentence.passage for sentence in sentences(translator, "a b c\n\nd", GREEDY, 1)]
    found = remote.lanes.search(translator, ids, GREEDY)
    assert remote.lanes.wants_step
    assert run(remote.lanes, 10) == []
    assert [hypotheses[0].tokens for hypotheses in found.result(0)] == [passage.ids for passage in ids]


def test_a_translator_that_is_gone_here_is_forgotten_there(remote: Remote) -> None:
    translator = FakeTranslator()
    gone = weakref.ref(translator)
    assert [type(one) for one in remote.join("a", translator) + run(remote.lanes, 5)] == [Found]
    assert not remote.lanes.wants_step
    del translator
    gc.collect()
    assert gone() is None and remote.lanes.wants_step
    remote.lanes.step([])
    assert not remote.lanes.wants_step


class Counted(FakeTranslator):
    alive: ClassVar["weakref.WeakSet[Counted]"] = weakref.WeakSet()

    def __init__(self) -> None:
        super().__init__()
        self.alive.add(self)


def test_a_process_keeps_a_translator_until_it_is_told_to_forget_it() -> None:
    lanes = OrderedLanes()
    arrival = Arrival(7, 1, (5, 3), (), GREEDY, watched=False, since=0.0)
    lanes.take_in(1, Counted())
    replies = lanes.step(Order([arrival]))
    while not replies:
        replies = lanes.step(Order())
    assert replies[0].number == 7 and len(Counted.alive) == 1
    lanes.step(Order(forgotten=[1, 99]))
    gc.collect()
    assert len(Counted.alive) == 0


def test_a_fault_is_described_without_its_message() -> None:
    message = "my " + "private text"
    try:
        raise KeyError(message)
    except KeyError as error:
        reply = failed_reply(1, error)
    assert reply.mistake is None and reply.fault.startswith("KeyError\n") and "private" not in reply.fault
    assert failed_reply(1, InputError("one word")) == FailedReply(1, "one word", "")


@contextmanager
def ending(lanes: RemoteLanes) -> Iterator[None]:
    """Whatever is done inside ends the process."""
    assert lanes.pid is not None
    handle = os.pidfd_open(lanes.pid)
    yield
    assert select.select([handle], [], [], PATIENCE_S)[0]
    os.close(handle)


@pytest.mark.skipif(sys.platform != "linux", reason="needs pidfd_open")
def test_a_process_ignores_signals_and_ends_when_its_pipe_is_closed(remote: Remote) -> None:
    assert remote.lanes.pid is not None
    with ending(remote.lanes):
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(remote.lanes.pid, each)
        assert [type(one) for one in remote.join("a") + run(remote.lanes, 5)] == [Found]
        remote.lanes.close()


@pytest.mark.parametrize("forks", [True, False])
def test_a_server_of_forks_that_has_ended_is_replaced(fork_server: ForkServer, forks: bool) -> None:
    if not forks:
        fork_server = ForkServer(forks=False)  # every process starts from nothing, as where nothing may be forked
    try:
        fork_server.begin()
        assert fork_server.pid is not None and fork_server._process is not None
        os.kill(fork_server.pid, signal.SIGKILL)
        fork_server._process.wait()
        remote = Remote(fork_server)
        assert [type(one) for one in remote.join("a") + run(remote.lanes, 5)] == [Found]
        remote.lanes.close()
    finally:
        if not forks:
            fork_server.close()


def test_a_service_outlives_its_decoders(fork_server: ForkServer, caplog: pytest.LogCaptureFixture) -> None:
    with serving(FakeTranslator(), decoders=2, fork_server=fork_server) as client:
        assert client.translate(q="A dog\n\nruns\n\ndog").json()["translatedText"] == "ein Hund\n\nläuft\n\nHund"
        for lanes in client.app.state.pool.lanes:
            os.kill(lanes.pid, signal.SIGKILL)
        assert client.translate(q="A dog\n\nruns").json()["translatedText"] == "ein Hund\n\nläuft"
        metrics = client.get("/metrics").text
        assert client.get("/readyz").status_code == 200
    assert "nmt_decoders 2.0" in metrics and "nmt_decoder_losses_total 0.0" not in metrics
    assert "has ended" in caplog.text


def test_without_a_decoder_a_service_is_not_ready() -> None:
    with serving(FakeTranslator()) as client:
        client.call(client.service.engine.stop)
        reply = client.get("/readyz")
    assert reply.status_code == 503
    assert reply.json() == {"status": "recovering", "error": "No decoder is up, try again soon"}


def test_streams_come_from_other_processes_too(fork_server: ForkServer) -> None:
    with serving(FakeTranslator(), decoders=2, fork_server=fork_server) as client:
        streamed = client.translate(q="a dog runs", stream=True).text
    assert "event: partial" in streamed and "event: segment" in streamed and "event: done" in streamed


def test_the_time_that_a_sentence_waited_is_known_over_there(remote: Remote) -> None:
    (sentence,) = sentences(FakeTranslator(), "a", GREEDY, 1)
    began = time.monotonic()
    news = remote.lanes.step([sentence.waiting(began - 5)]) + run(remote.lanes, 5)
    (found,) = [one for one in news if isinstance(one, Found)]
    assert found.waited_s >= 5 and 0 < found.decoded_s <= time.monotonic() - began


def test_a_hypothesis_comes_back_whole(remote: Remote, artifact_folder: object) -> None:
    from nmt.search import search
    from nmt.translator import Translator

    translator = Translator.load(artifact_folder)  # type: ignore[arg-type]
    options = SearchOptions(beam_size=4, n_best=3, max_length=12)
    draft = translator.draft("A dog runs. The cat sleeps.", translator.directions[0], options)
    asked = remote.lanes.search(translator, draft.passages, options)
    while not asked.done():
        remote.lanes.step([])
    alone = search(translator.scorer, translator.batch(draft.passages), options)
    for there, here in zip(asked.result(0), alone, strict=True):
        assert [one.tokens for one in there] == [one.tokens for one in here]
        for one, other in zip(there, here, strict=True):
            assert one.token_log_probabilities == pytest.approx(other.token_log_probabilities, abs=1e-5)
            assert one.attention_TS is not None and other.attention_TS is not None
            assert abs(one.attention_TS - other.attention_TS).max() < 1e-5


def test_a_sentence_is_known_by_its_request_and_place(remote: Remote) -> None:
    translator = FakeTranslator()
    arrivals: list[Sentence] = sentences(translator, "a\n\nb\n\nc", GREEDY, 5)
    news = remote.lanes.step([each.waiting(0) for each in arrivals]) + run(remote.lanes, 5)
    assert {one.sentence for one in news} == set(arrivals)
