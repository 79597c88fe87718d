"""The service under load: throughput, latency and processor time with 1 to 256 clients, beside offline batches.

python benchmarks/serving.py TEXTS --source en --target de [--model FOLDER] [--decoders 1] [--clients 1 8 64 256]

TEXTS has a sentence on each line. Every client sends its next request when it has its answer: first single sentences,
then texts of ten. The clients share the machine with the service; what they cost is shown.
"""

import argparse
import asyncio
import itertools
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from http_client import Client
from server import Server, serving

TEN = 10


@dataclass(frozen=True)
class Load:
    """What was measured with so many clients; times are in seconds."""

    clients: int
    answered: int
    refused: int
    seconds: float
    latencies: list[float]
    http_cpu: float
    model_cpu: float
    client_cpu: float
    live: list[float]

    def row(self, sentences_per_request: int) -> str:
        p50, p95, p99 = (1000 * percentile(self.latencies, share) for share in (50, 95, 99))
        per_request = 1000 / max(1, self.answered)
        return (
            f"{self.clients:7} {self.answered * sentences_per_request / self.seconds:11.1f} {p50:8.0f} {p95:8.0f} "
            f"{p99:8.0f} {self.http_cpu * per_request:9.2f} {self.model_cpu * per_request:9.2f} "
            f"{self.client_cpu * per_request:9.2f} {1000 * percentile(self.live, 99):9.1f} {self.refused:8}"
        )


HEADER = (
    "clients sentences/s   p50 ms   p95 ms   p99 ms   HTTP ms  model ms client ms livez p99  refused\n"
    "                                                 (processor time per request)  (ms)"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("texts", type=Path, help="a sentence on each line")
    parser.add_argument("--source", default="en")
    parser.add_argument("--target", default="de")
    parser.add_argument("--model", help="folder of the model (default: the bundled one)")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 64, 256])
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each measurement")
    parser.add_argument("--beam-size", type=int, default=5)
    parser.add_argument("--decoders", type=int, default=0, help="processes that decode; 0: one for each processor")
    arguments = parser.parse_args()
    lines = [line.strip() for line in arguments.texts.read_text(encoding="utf-8").splitlines() if line.strip()]
    tens = [" ".join(lines[at : at + TEN]) for at in range(0, len(lines) - TEN + 1, TEN)]
    body = {"source": arguments.source, "target": arguments.target, "beam_size": arguments.beam_size}
    body |= {"attention": False}
    offline = offline_rate(tens[: max(64, len(tens) // 4)], arguments)
    print(f"offline, batches of the same texts of ten: {offline:.1f} sentences/s\n")
    with serving(
        arguments.model, decoders=arguments.decoders, queue_tokens=10_000_000, max_requests=1000, request_timeout_s=300
    ) as server:
        print(f"ready after {server.seconds_to_ready:.1f} s, with {server.memory_mb():.0f} MB")
        idle = asyncio.run(probe_alone(server))
        print(f"livez, idle: p99 {1000 * percentile(idle, 99):.1f} ms\n")
        for name, texts, each in (("single sentences", lines, 1), ("texts of ten sentences", tens, TEN)):
            print(f"{name}\n{HEADER}")
            rates = {}
            for clients in arguments.clients:
                load = asyncio.run(measure(server, texts, body, clients, arguments.seconds))
                rates[clients] = load.answered * each / load.seconds
                print(load.row(each), flush=True)
            print(f"{'':7} {server.memory_mb():.0f} MB")
            most = 64 if 64 in rates else max(rates)
            if each == 1 and 1 in rates:
                print(f"{most} clients against 1: {rates[most] / rates[1]:.2f} times the throughput\n")
            if each == TEN:
                print(f"{most} clients against offline: {rates[most] / offline:.0%} of the throughput\n")


def offline_rate(texts: Sequence[str], arguments: argparse.Namespace) -> float:
    """Sentences a second of the library alone, in this process, with as many threads as there are decoders."""
    import torch

    from nmt.config import SearchOptions
    from nmt.translator import Translator

    if arguments.decoders:
        torch.set_num_threads(arguments.decoders)
    translator = Translator.load(arguments.model)
    options = SearchOptions(beam_size=arguments.beam_size)
    direction = {"source": arguments.source, "target": arguments.target}
    translator.translate_batch(texts[:4], **direction, options=options)
    began = time.perf_counter()
    translator.translate_batch(texts, **direction, options=options)
    return len(texts) * TEN / (time.perf_counter() - began)


async def measure(server: Server, texts: Sequence[str], body: dict, clients: int, seconds: float) -> Load:
    """`clients` at once, for so many seconds after a short warm-up."""
    latencies: list[float] = []
    refused = [0]
    supply = itertools.cycle(texts)
    counting = asyncio.Event()
    ended = asyncio.Event()
    workers = [
        asyncio.create_task(ask(server, supply, body, latencies, refused, counting, ended)) for _ in range(clients)
    ]
    await asyncio.sleep(min(3.0, seconds / 4))
    before, mine, began = server.cpu_s(), sum(os.times()[:2]), time.perf_counter()
    counting.set()
    live = await probe(server, began + seconds)
    counting.clear()
    passed = time.perf_counter() - began
    after, mine = server.cpu_s(), sum(os.times()[:2]) - mine
    ended.set()
    await asyncio.gather(*workers)
    http, model = (later - earlier for later, earlier in zip(after, before, strict=True))
    return Load(clients, len(latencies), refused[0], passed, latencies, http, model, mine, live)


async def ask(
    server: Server, supply: Iterator[str], body: dict, latencies: list[float], refused: list[int],
    counting: asyncio.Event, ended: asyncio.Event,
) -> None:  # fmt: skip
    """One client: a request after the other."""
    async with Client(server.host, server.port) as client:
        while not ended.is_set():
            began = time.perf_counter()
            status, answer = await client.post("/translate", body | {"q": next(supply)})
            assert status in (200, 429, 503, 504), answer
            if counting.is_set():
                if status == 200:
                    latencies.append(time.perf_counter() - began)
                else:
                    refused[0] += 1


async def probe(server: Server, until: float) -> list[float]:
    """How long /livez takes, again and again."""
    times = []
    async with Client(server.host, server.port) as client:
        while time.perf_counter() < until:
            began = time.perf_counter()
            status, _ = await client.get("/livez")
            assert status == 200
            times.append(time.perf_counter() - began)
            await asyncio.sleep(0.05)
    return times


async def probe_alone(server: Server) -> list[float]:
    return await probe(server, time.perf_counter() + 5)


def percentile(values: Sequence[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1] if len(values) > 1 else float("nan")


if __name__ == "__main__":
    main()
