"""Many mixed requests, valid and not, against one service: every answer checked, memory watched.

python benchmarks/soak.py TEXTS --source en --target de [--model FOLDER] [--requests 20000] [--clients 32]

TEXTS has a sentence on each line. Each answer is compared with what the library says for that sentence alone. Where
two hypotheses are equal to the last bits, the batch that a sentence is in may decide: such answers are counted apart,
and have to be among the sentence's own best.
"""

import argparse
import asyncio
import collections
import random
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from http_client import Client, request
from server import Server, serving

DISTINCT = 400
MAX_TEXT_CHARACTERS = 5000
MAX_BODY_BYTES = 1_000_000


@dataclass
class Tally:
    """What happened: counts by kind of request and outcome, and the memory on the way."""

    outcomes: collections.Counter[tuple[str, str]] = field(default_factory=collections.Counter)
    faults: list[str] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)

    def note(self, kind: str, outcome: str) -> None:
        self.outcomes[kind, outcome] += 1

    def fault(self, kind: str, what: str) -> None:
        self.note(kind, "FAULT")
        self.faults.append(f"{kind}: {what[:300]}")


@dataclass(frozen=True)
class Soak:
    """The requests to choose from. `expected` holds each sentence's translation, `close` what else it may be."""

    expected: dict[str, str]
    close: dict[str, set[str]]
    body: dict[str, object]
    tally: Tally

    async def single(self, client: Client, draw: random.Random) -> None:
        text = draw.choice(list(self.expected))
        await self._check(client, "single", text, lambda answer: self._same(text, answer))

    async def several(self, client: Client, draw: random.Random) -> None:
        texts = draw.sample(list(self.expected), draw.randint(2, 8))
        await self._check(
            client, "list", texts,
            lambda answer: len(answer) == len(texts) and all(map(self._same, texts, answer)),
        )  # fmt: skip

    async def document(self, client: Client, draw: random.Random) -> None:
        texts = draw.sample(list(self.expected), 10)
        whole = "\n\n".join(texts)
        await self._check(
            client, "document", whole,
            lambda answer: answer.count("\n\n") == 9 and all(map(self._same, texts, answer.split("\n\n"))),
        )  # fmt: skip

    async def invalid(self, client: Client, draw: random.Random) -> None:
        bodies: list[object] = [
            {"q": "Hello"},
            self.body | {"q": "Hello", "target": "zz"},
            self.body | {"q": "Hello", "format": "xml"},
            self.body | {"q": "Hello", "alternatives": "many"},
            self.body | {"q": "Hello", "beam_size": 10**6},
            b"{broken",
            b"[1, 2]",
            b"\xff\xfe",
        ]
        await self._expect(client, "invalid", draw.choice(bodies), 400)

    async def huge(self, client: Client, draw: random.Random) -> None:
        if draw.random() < 0.5:
            await self._expect(client, "huge", self.body | {"q": "a " * MAX_TEXT_CHARACTERS}, 400)
        else:
            await self._expect(client, "huge", self.body | {"q": "a" * (MAX_BODY_BYTES + 1)}, 413)

    async def cancelled(self, client: Client, draw: random.Random) -> None:
        raw = request("/translate", self.body | {"q": draw.choice(list(self.expected))})
        await client.send(raw if draw.random() < 0.7 else raw[: len(raw) // 2])
        await asyncio.sleep(draw.random() * 0.05)
        await client.close()
        self.tally.note("cancelled", "left")

    def _same(self, text: str, answer: str) -> bool:
        if answer == self.expected[text]:
            return True
        if answer in self.close[text]:
            self.tally.note("tie", "decided by the batch")
            return True
        return False

    async def _check(self, client: Client, kind: str, q: object, right: Callable[..., bool]) -> None:
        status, answer = await client.post("/translate", self.body | {"q": q})
        if status == 429:
            self.tally.note(kind, "429")
        elif status != 200:
            self.tally.fault(kind, f"{status} {answer}")
        elif right(answer["translatedText"]):
            self.tally.note(kind, "right")
        else:
            self.tally.fault(kind, f"{q!r} gave {answer['translatedText']!r}")

    async def _expect(self, client: Client, kind: str, body: object, wanted: int) -> None:
        status, answer = await client.post("/translate", body)
        if status == wanted and isinstance(answer, dict) and answer.keys() == {"error"}:
            self.tally.note(kind, str(status))
        else:
            self.tally.fault(kind, f"{str(body)[:80]} gave {status} {answer}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("texts", type=Path, help="a sentence on each line")
    parser.add_argument("--source", default="en")
    parser.add_argument("--target", default="de")
    parser.add_argument("--model", help="folder of the model (default: the bundled one)")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    lines = arguments.texts.read_text(encoding="utf-8").splitlines()
    sentences = sorted({line.strip() for line in lines if line.strip()})
    sentences = random.Random(arguments.seed).sample(sentences, min(DISTINCT, len(sentences)))
    body = {"source": arguments.source, "target": arguments.target, "beam_size": 1, "attention": False}
    soak = Soak(*translate_apart(sentences, arguments), body, Tally())
    limits = {"max_text_characters": MAX_TEXT_CHARACTERS, "max_body_bytes": MAX_BODY_BYTES}
    with serving(arguments.model, **limits) as server:
        asyncio.run(run(server, soak, arguments))
    report(soak.tally, arguments.requests)


def translate_apart(sentences: list[str], arguments: argparse.Namespace) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Each sentence's greedy translation, alone, and those that it has in batches of other sizes."""
    from nmt.config import SearchOptions
    from nmt.translator import Translator

    translator = Translator.load(arguments.model)
    ways = {"source": arguments.source, "target": arguments.target, "options": SearchOptions(beam_size=1)}
    alone = {text: translator.translate(text, **ways).text for text in sentences}
    close: dict[str, set[str]] = {text: set() for text in sentences}
    for count in (2, 3, 8, 32, 128):
        for at in range(0, len(sentences), count):
            part = sentences[at : at + count]
            for text, translation in zip(part, translator.translate_batch(part, **ways), strict=True):
                close[text].add(translation.text)
    return alone, close


async def run(server: Server, soak: Soak, arguments: argparse.Namespace) -> None:
    """So many requests, by so many clients at once."""
    kinds: list[tuple[Callable[[Client, random.Random], Awaitable[None]], int]] = [
        (soak.single, 70), (soak.several, 5), (soak.document, 3), (soak.invalid, 10), (soak.huge, 2),
        (soak.cancelled, 10),
    ]  # fmt: skip
    left, done = [arguments.requests], [0]

    async def work(number: int) -> None:
        draw = random.Random(f"{arguments.seed} {number}")
        async with Client(server.host, server.port) as client:
            while left[0] > 0:
                left[0] -= 1
                (kind,) = draw.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])
                try:
                    await kind(client, draw)
                except (OSError, EOFError, ValueError) as error:
                    soak.tally.fault(kind.__name__, repr(error))
                    await client.close()
                done[0] += 1
                if done[0] % (arguments.requests // 20) == 0:
                    soak.tally.memory_mb.append(server.memory_mb())
                    print(f"{done[0]:6} requests, {soak.tally.memory_mb[-1]:.0f} MB", flush=True)

    await asyncio.gather(*(work(number) for number in range(arguments.clients)))


def report(tally: Tally, requests: int) -> None:
    for (kind, outcome), count in sorted(tally.outcomes.items()):
        print(f"{kind:10} {outcome:22} {count}")
    half = tally.memory_mb[len(tally.memory_mb) // 2 :]
    print(f"{requests} requests; memory in the second half {min(half):.0f} to {max(half):.0f} MB")
    for fault in tally.faults[:20]:
        print("FAULT", fault)
    sys.exit(1 if tally.faults else 0)


if __name__ == "__main__":
    main()
