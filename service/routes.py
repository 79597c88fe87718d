"""What each address does. Handlers translate between HTTP and the worker, nothing more."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from service.bodies import read_parameters
from service.errors import RETRY_AFTER_S, ClientLeftError, NotReadyError
from service.languages import AUTO, Languages
from service.metrics import Metrics
from service.replies import translate_reply
from service.schemas import (
    Failure,
    FrontendSettings,
    Health,
    LanguageChoice,
    LanguageName,
    LanguageShape,
    Readiness,
    TranslateReply,
    TranslateRequest,
    Unready,
)
from service.settings import Settings
from service.worker import Work, Worker

AnswerT = TypeVar("AnswerT")
TYPING_PAUSE_MS = 500
PRIVATE = {"cache-control": "no-store"}
REQUEST_BODY = {"$ref": "#/components/schemas/TranslateRequest"}
FAILURES: dict[int | str, dict[str, Any]] = {
    400: {"model": Failure, "description": "A parameter is missing, malformed, over its limit, or not served"},
    413: {"model": Failure, "description": "The body is over the limit"},
    429: {"model": Failure, "description": "Too many requests are waiting; see `Retry-After`"},
    500: {"model": Failure, "description": "A fault of the server; `X-Request-ID` finds it in the log"},
    503: {"model": Failure, "description": "The model is not ready"},
    504: {"model": Failure, "description": "The request took longer than its limit"},
}
LOADING: dict[int | str, dict[str, Any]] = {503: {"model": Failure, "description": "The model is not ready"}}
TRANSLATION, OPERATION = "translation", "operation"
router = APIRouter()


@dataclass(frozen=True)
class Service:
    """What the routes share."""

    settings: Settings
    worker: Worker
    metrics: Metrics


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Shared = Annotated[Service, Depends(service_of)]


@router.post(
    "/translate",
    response_model=TranslateReply,
    responses=FAILURES,
    tags=[TRANSLATION],
    summary="Translate a text, or a list of texts",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": REQUEST_BODY}
                for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
            },
        }
    },
)
async def translate(request: Request, service: Shared) -> Response:
    settings, worker = service.settings, service.worker
    asked = TranslateRequest.read(await read_parameters(request, settings.max_body_bytes))
    asked.check_limits(settings)
    source, target = checked_direction(asked, Languages(worker.translator.directions))
    options = asked.search_options(settings.beam_size)
    work = Work(asked.texts, source, target, options, settings.request_timeout_s)
    translations = await while_connected(request, worker.translate(work))
    service.metrics.translated(source, target, translations)
    attention = settings.attention if asked.attention is None else asked.attention
    detected = source if asked.source == AUTO else None
    reply = translate_reply(asked, translations, attention=attention, detected=detected)
    return JSONResponse(reply, headers=PRIVATE)


def checked_direction(asked: TranslateRequest, languages: Languages) -> tuple[str, str]:
    """The direction that is asked for; the checks come in the order that clients know."""
    languages.check_known(asked.source, asked.target)
    asked.check_format()
    return languages.direction(asked.source, asked.target)


async def while_connected(request: Request, answer: Coroutine[None, None, AnswerT]) -> AnswerT:
    """The answer; or ClientLeftError, the work on it cancelled, where the client has closed the connection before."""
    working = asyncio.ensure_future(answer)
    leaving = asyncio.ensure_future(_closed(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientLeftError
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _closed(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


@router.post("/languages", include_in_schema=False)
@router.get(
    "/languages", responses=LOADING, tags=[TRANSLATION], summary="The languages served, and where each leads to"
)
async def languages(service: Shared) -> list[LanguageShape]:
    return [
        LanguageShape(code=language.code, name=language.name, targets=list(language.targets))
        for language in Languages(service.worker.translator.directions).all
    ]


@router.get("/health", tags=[OPERATION], summary="Whether the process answers")
@router.get("/livez", tags=[OPERATION], summary="Whether the process answers, even while loading or overloaded")
async def health() -> Health:
    return Health()


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Unready, "description": "Loading, warming up, failed or draining"}},
    tags=[OPERATION],
    summary="Whether the model is loaded and warm",
)
async def readiness(service: Shared) -> Response:
    worker = service.worker
    try:
        ready = Readiness(model=worker.translator.name, secondsToReady=round(worker.seconds_to_ready or 0.0, 3))
    except NotReadyError as error:
        not_ready = Unready(error=str(error), status=worker.state)
        return JSONResponse(not_ready.model_dump(), 503, {"retry-after": str(RETRY_AFTER_S[503])})
    return JSONResponse(ready.model_dump())


@router.get(
    "/frontend/settings",
    responses=LOADING,
    tags=[TRANSLATION],
    summary="What a page that talks to this server has to know",
)
async def frontend_settings(service: Shared) -> FrontendSettings:
    settings = service.settings
    known = {language.code: language.name for language in Languages(service.worker.translator.directions).all}
    source, target = Languages(service.worker.translator.directions).first
    return FrontendSettings(
        charLimit=settings.max_text_characters,
        frontendTimeout=TYPING_PAUSE_MS,
        apiKeys=False,
        keyRequired=False,
        suggestions=False,
        filesTranslation=False,
        supportedFilesFormat=[],
        language=LanguageChoice(
            source=LanguageName(code=source, name=known[source]), target=LanguageName(code=target, name=known[target])
        ),
        beamSize=settings.beam_size,
        maxBeamSize=settings.max_beam_size,
        maxAlternatives=settings.max_alternatives,
    )


@router.get("/metrics", response_class=Response, tags=[OPERATION], summary="Counters in Prometheus' text format")
async def metrics(service: Shared) -> Response:
    return Response(service.metrics.rendered(), media_type=service.metrics.content_type)
