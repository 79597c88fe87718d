"""The models that are served: each direction by one of them, and a new version in place of an old one."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nmt.direction import Direction
from nmt.errors import ArtifactError, NmtError
from service.errors import NotReadyError
from service.languages import Languages
from service.translating import Translating
from service.warming import warm_up

logger = logging.getLogger("service")
State = Literal["loading", "warming up", "ready", "failed", "draining"]


@dataclass(frozen=True)
class Source:
    """Where a model comes from. `version` changes with its content, `fingerprint` also with a part of it only.

    `load` gives the translator; it is called off the event loop.
    """

    name: str
    version: str
    load: Callable[[], Translating]
    fingerprint: str = ""


Sources: TypeAlias = Callable[[], Sequence[Source]]


@dataclass(frozen=True, eq=False)
class Model:
    """One version of a model. It lives as long as a request holds it."""

    name: str
    version: str
    translator: Translating


class Models:
    """A set of models that doesn't change, by name. A direction belongs to the first model that serves it."""

    def __init__(self, models: Iterable[Model] = ()) -> None:
        self.all = tuple(sorted(models, key=lambda model: model.name))
        self._served: dict[tuple[str, str], tuple[Model, Direction]] = {}
        for model in self.all:
            for direction in model.translator.directions:
                self._served.setdefault((direction.source, direction.target), (model, direction))
        self.languages = Languages([direction for _, direction in self._served.values()])

    def serving(self, source: str, target: str) -> tuple[Model, Direction]:
        """The model for this direction. It must be served."""
        return self._served[source, target]

    @property
    def directions(self) -> tuple[Direction, ...]:
        return tuple(direction for _, direction in self._served.values())

    def versions(self) -> dict[str, str]:
        return {model.name: model.version for model in self.all}


class Registry:
    """Loads what `sources` name, in the background, and keeps it up to date.

    `when_settled` is called once, on the event loop, when the state has become "ready" or "failed"; `when_changed`
    each time that other models are served than before, `when_refused` each time that one can't be loaded. `warm_up` is
    called off the event loop with each translator before it is served.
    """

    def __init__(
        self,
        sources: Sources,
        when_settled: Callable[["Registry"], None] = lambda registry: None,
        when_changed: Callable[[Models], None] = lambda models: None,
        when_refused: Callable[[Source], None] = lambda source: None,
        warm_up: Callable[[Translating], None] = warm_up,
    ) -> None:
        self.state: State = "loading"
        self.error: Exception | None = None
        self.seconds_to_ready: float | None = None
        self._models = Models()
        self._sources, self._refused = sources, dict[str, str]()
        self._when_settled, self._when_changed, self._when_refused = when_settled, when_changed, when_refused
        self._warm_up = warm_up
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="loader")
        self._turn = asyncio.Lock()
        self._began = time.monotonic()

    @property
    def models(self) -> Models:
        """What is served now. Raises NotReadyError unless it can be used."""
        if not self._models.all or self.state == "failed":
            raise NotReadyError(self.explanation)
        return self._models

    @property
    def explanation(self) -> str:
        """The state in a sentence that shows nothing of the inside."""
        if self.state == "failed":
            return f"The model could not be loaded: {self.error if isinstance(self.error, NmtError) else 'see the log'}"
        if self.state in ("loading", "warming up"):
            return f"The model is {self.state} ({time.monotonic() - self._began:.0f} s so far), try again soon"
        return f"The service is {self.state}"

    async def run(self) -> None:
        """Load everything for the first time; returns when the state has settled."""
        try:
            await self.refresh()
        except Exception as error:
            self.error = error
            logger.error("the models can't be listed: %s", _said(error), exc_info=_trace(error))
        if self._models.all:
            self.seconds_to_ready = time.monotonic() - self._began
            self._become("ready")
        else:
            self._become("failed")
            self.error = self.error or ArtifactError("there is no model in the folder of models")
            logger.error("%s", self.explanation)
        self._when_settled(self)

    async def watch(self, interval_s: float) -> None:
        """Look for other versions every `interval_s` seconds, for ever."""
        while True:
            await asyncio.sleep(interval_s)
            await self.refresh_safely()

    async def refresh_safely(self, *, again: bool = False) -> None:
        """Refresh; what goes wrong is logged, and what is served stays. `again`: also what was refused before."""
        if again:
            self._refused.clear()
        try:
            await self.refresh()
        except Exception as error:
            logger.error("the models can't be listed: %s", _said(error), exc_info=_trace(error))

    async def refresh(self) -> None:
        """Load and warm what is new, then serve it to new requests, all at once. What is gone is served no more.

        A version that can't be loaded is refused, and the one before it stays.
        """
        async with self._turn:
            loop = asyncio.get_running_loop()
            sources = await loop.run_in_executor(self._loader, self._sources)
            known = {model.name: model for model in self._models.all}
            found: list[Model] = []
            for source in sources:
                model = known.get(source.name)
                if model is None or model.version != source.version:
                    model = await self._loaded(source) or model
                if model is not None:
                    found.append(model)
            if found and found != list(self._models.all):
                self._models = Models(found)
                self._when_changed(self._models)

    def drain(self) -> None:
        """Tell the outside that this process is going away. What still comes is served."""
        if self.state != "failed":
            self.state = "draining"

    def close(self) -> None:
        """Serve nothing any more, and let the models go."""
        self.drain()
        self._models = Models()
        self._loader.shutdown(wait=False, cancel_futures=True)

    async def _loaded(self, source: Source) -> Model | None:
        fingerprint = f"{source.version} {source.fingerprint}"
        if self._refused.get(source.name) == fingerprint:
            return None
        loop = asyncio.get_running_loop()
        try:
            translator = await loop.run_in_executor(self._loader, source.load)
            self._become("warming up")
            await loop.run_in_executor(self._loader, self._warm_up, translator)
        except Exception as error:
            self._refused[source.name], self.error = fingerprint, error
            logger.error("model %s refused: %s", source.name, _said(error), exc_info=_trace(error))
            self._when_refused(source)
            return None
        self._refused.pop(source.name, None)
        logger.info("model %s loaded, version %s", source.name, source.version)
        return Model(source.name, source.version, translator)

    def _become(self, state: State) -> None:
        if self.state in ("loading", "warming up"):
            self.state = state


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, NmtError) else type(error).__name__


def _trace(error: Exception) -> Exception | None:
    return None if isinstance(error, NmtError) else error
