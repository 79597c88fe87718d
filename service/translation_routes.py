"""POST /translate and POST /detect."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from nmt.translation import Translation
from service.bodies import read_parameters
from service.connection import while_connected
from service.description import JSON, body_of
from service.errors import RequestTimeoutError
from service.job import Text
from service.languages import AUTO
from service.replies import encoded, translate_reply
from service.requests import DetectRequest, TranslateRequest
from service.routes import TRANSLATION, Shared
from service.schemas import DetectedLanguage, Failure, TranslateReply
from service.sending import PRIVATE, Reply
from service.shared import Service
from service.streaming import EventStream, events

FAILURES: dict[int | str, dict[str, Any]] = {
    400: {"model": Failure, "description": "A parameter or the API key is missing, or it is malformed or not served"},
    403: {"model": Failure, "description": "The API key is wrong"},
    413: {"model": Failure, "description": "The body is over the limit"},
    429: {"model": Failure, "description": "Too many requests, of this client or of all; see `Retry-After`"},
    500: {"model": Failure, "description": "A fault of the server; `X-Request-ID` finds it in the log"},
    503: {"model": Failure, "description": "The model is not ready, or decoding was interrupted"},
    504: {"model": Failure, "description": "The request took longer than its limit"},
}
router = APIRouter()


@router.post(
    "/translate",
    response_model=TranslateReply,
    responses=FAILURES,
    tags=[TRANSLATION],
    summary="Translate a text, or a list of texts",
    openapi_extra=body_of("Translate"),
)
async def translate(request: Request, service: Shared) -> Response:
    with service.counted():
        async with deadline(service) as until:
            asked = TranslateRequest.read(await admitted(request, service))
            asked.check_limits(service.settings)
            answering = Answering(asked, *await texts_of(asked, service), service)
            if asked.stream:
                return await answering.stream(request, until)
            reply = await while_connected(request.receive, answering.whole(until))
            service.stay()
            return Reply(reply, until, service.leave)


@router.post(
    "/detect",
    response_model=list[DetectedLanguage],
    responses=FAILURES,
    tags=[TRANSLATION],
    summary="The languages that a text may be in, likeliest first",
    openapi_extra=body_of("Detect"),
)
async def detect(request: Request, service: Shared) -> Response:
    with service.counted():
        async with deadline(service):
            asked = DetectRequest.read(await admitted(request, service))
            asked.check_limits(service.settings)
            found = await service.engine.aside(partial(service.detector.detect, asked.q))
            return Response(encoded([each.model_dump() for each in found]), 200, PRIVATE, JSON)


@asynccontextmanager
async def deadline(service: Service) -> AsyncIterator[float]:
    """Raises RequestTimeoutError when a request's time is over; gives the event loop's time at which it is."""
    limit_s = service.settings.request_timeout_s
    until = asyncio.get_running_loop().time() + limit_s
    try:
        async with asyncio.timeout_at(until):
            yield until
    except TimeoutError:
        raise RequestTimeoutError(limit_s) from None


async def admitted(request: Request, service: Service) -> Mapping[str, object]:
    """The parameters of a request that may be made."""
    parameters = await read_parameters(request, service.settings.max_body_bytes)
    service.admit(request, parameters)
    return parameters


async def texts_of(asked: TranslateRequest, service: Service) -> tuple[list[Text], list[DetectedLanguage] | None]:
    """What is to be translated, each text by its model, and for `auto` from which language.

    The checks come in the order that clients know.
    """
    models = service.registry.models
    models.languages.check_known(asked.source, asked.target)
    text_options = asked.text_options()
    options = asked.search_options(service.settings)
    detected = None
    if asked.source == AUTO:
        find = partial(service.detector.sources, asked.texts, asked.target, models.languages, asked.format)
        detected = await service.engine.aside(find)
        sources = [each.language for each in detected]
    else:
        models.languages.check_direction(asked.source, asked.target)
        sources = [asked.source] * len(asked.texts)
    return [
        Text(text, *models.serving(source, asked.target), options, text_options)
        for text, source in zip(asked.texts, sources, strict=True)
    ], detected


@dataclass(frozen=True)
class Answering:
    """A checked request, and how its answer comes about."""

    asked: TranslateRequest
    texts: list[Text]
    detected: list[DetectedLanguage] | None
    service: Service

    async def whole(self, until: float) -> bytes:
        """The reply, all at once."""
        with self.service.engine.job(self.texts, _left(until)) as job:
            await job.prepare()
            return await self.reply(await job.finish())

    async def stream(self, request: Request, until: float) -> EventStream:
        """The reply in events. What can be refused is refused before they begin."""
        engine, service = self.service.engine, self.service
        job = engine.job(self.texts, _left(until), watched=True)
        try:
            await while_connected(request.receive, job.prepare())
        except BaseException:
            engine.leave(job)
            raise
        service.stay()
        closed = False

        def close() -> None:
            nonlocal closed
            if not closed:
                closed = True
                engine.leave(job)
                service.leave()

        limit_s = service.settings.request_timeout_s
        return EventStream(events(job, engine, self.reply), until, limit_s, close, service.metrics.refused)

    async def reply(self, translations: list[Translation]) -> bytes:
        """The reply as JSON, made aside."""
        service, asked = self.service, self.asked
        service.metrics.translated(
            ((text.direction.source, text.direction.target) for text in self.texts), translations
        )
        attention = service.settings.attention if asked.attention is None else asked.attention

        def made() -> bytes:
            return encoded(translate_reply(asked, translations, attention=attention, detected=self.detected))

        return await service.engine.aside(made)


def _left(until: float) -> float:
    return until - asyncio.get_running_loop().time()
