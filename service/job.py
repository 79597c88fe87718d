"""One request on its way through the engine; lives on the event loop."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Protocol, Self, TypeVar

from nmt.config import SearchOptions
from nmt.direction import Direction
from nmt.search import Hypothesis
from nmt.text.options import TextOptions
from nmt.translation import Translation
from service.decoding import Decoders
from service.lanes import Failed, Found, News, Said, Sentence
from service.models import Model
from service.translating import Draft

ResultT = TypeVar("ResultT")
CHARACTERS_PER_TOKEN = 3  # a rough guess, for what has not been read yet


@dataclass(frozen=True)
class Text:
    """What to translate, by which model, and how."""

    text: str
    model: Model
    direction: Direction
    options: SearchOptions
    text_options: TextOptions

    @property
    def expected_tokens(self) -> int:
        return len(self.text) // CHARACTERS_PER_TOKEN + 1


class Workplace(Protocol):
    """What a job needs of the engine."""

    @property
    def decoders(self) -> Decoders: ...

    async def aside(self, function: Callable[[], ResultT], stage: str | None = None) -> ResultT: ...

    def leave(self, job: "Job") -> None: ...


@dataclass
class _Progress:
    """A draft, and what has been found for each of its passages."""

    draft: Draft
    found: list[Sequence[Hypothesis] | None]
    first_tries: dict[int, Sequence[Hypothesis]] = field(default_factory=dict)
    decoded: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, draft: Draft) -> Self:
        progress = cls(draft, [None] * len(draft.passages))
        progress.note()
        return progress

    def note(self) -> None:
        if all(hypotheses is not None for hypotheses in self.found):
            self.decoded.set()


@dataclass(frozen=True)
class Piece:
    """News of one passage: what it says so far, or, when `is_done`, in the end."""

    place: tuple[int, int]
    tokens: tuple[int, ...]
    is_done: bool


class Job:
    """Texts that were asked for together. `watched`: `pieces` tells how they get on."""

    def __init__(self, number: int, texts: Sequence[Text], engine: Workplace, *, watched: bool = False) -> None:
        self.number, self.texts = number, texts
        self._engine, self._watched = engine, watched
        self._progress: list[_Progress] = []
        self._error: Exception | None = None
        self._pieces: dict[tuple[int, int], Piece] = {}
        self._told = asyncio.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.leave(self)

    async def prepare(self) -> None:
        """Read the texts; the sentences of each wait for the model as soon as it is read. Raises InputError."""
        for index, text in enumerate(self.texts):
            draft = await self._engine.aside(partial(_drafted, text), "prepare")
            self._progress.append(_Progress.of(draft))
            sentences = [self._sentence(index, place, draft.options) for place in range(len(draft.passages))]
            self._engine.decoders.put(self.number, sentences, instead_of=text.expected_tokens)

    async def finish(self) -> list[Translation]:
        """The translations, when all sentences have been decoded. Raises what decoding or finishing raised."""
        translations = []
        for progress in self._progress:
            if self._error is None:
                await progress.decoded.wait()
            if self._error is not None:
                raise self._error
            found = [hypotheses for hypotheses in progress.found if hypotheses is not None]
            translations.append(await self._engine.aside(partial(progress.draft.finish, found), "finish"))
        return translations

    def fail(self, error: Exception) -> None:
        """Give up: `finish` raises this error."""
        self._error = self._error or error
        for progress in self._progress:
            progress.decoded.set()
        self._told.set()

    def receive(self, news: News) -> None:
        """What a decoder has found."""
        if isinstance(news, Failed):
            self.fail(news.error)
        elif isinstance(news, Said):
            self._tell(Piece(news.sentence.place, news.tokens, is_done=False))
        else:
            self._note(news)

    async def pieces(self) -> list[Piece]:
        """What is new since the last call, the latest of each passage; waits for it. Empty when all is decoded."""
        while not self._pieces:
            if self._error is not None or all(progress.decoded.is_set() for progress in self._progress):
                return []
            self._told.clear()
            await self._told.wait()
        pieces, self._pieces = self._pieces, {}
        return [pieces[place] for place in sorted(pieces)]

    def draft(self, index: int) -> Draft:
        """The draft of text `index`, which has been prepared."""
        return self._progress[index].draft

    def _sentence(self, index: int, place: int, options: SearchOptions) -> Sentence:
        draft, translator = self._progress[index].draft, self.texts[index].model.translator
        return Sentence(self.number, (index, place), draft.passages[place], translator, options, self._watched)

    def _note(self, news: Found) -> None:
        index, place = news.sentence.place
        progress = self._progress[index]
        hypotheses = news.hypotheses
        if place in progress.first_tries:
            hypotheses = progress.draft.better(progress.first_tries[place], hypotheses)
        elif (again := progress.draft.second_try(place, hypotheses)) is not None:
            progress.first_tries[place] = hypotheses
            self._engine.decoders.put(self.number, [self._sentence(index, place, again)])
            return
        progress.found[place] = hypotheses
        if hypotheses:
            self._tell(Piece((index, place), hypotheses[0].tokens, is_done=True))
        progress.note()
        self._told.set()

    def _tell(self, piece: Piece) -> None:
        """Only the latest of a passage is kept, so a slow reader costs no memory."""
        if self._watched:
            self._pieces[piece.place] = piece
            self._told.set()


def _drafted(text: Text) -> Draft:
    return text.model.translator.draft(text.text, text.direction, text.options, text.text_options)
