"""What each address that is not about translating does. Handlers translate between HTTP and the parts, nothing more."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from service.errors import UNREADY_RETRY_S, NotReadyError
from service.schemas import (
    Failure,
    FrontendSettings,
    Health,
    LanguageChoice,
    LanguageName,
    LanguageShape,
    Readiness,
    Unready,
)
from service.shared import Service, service_of

TYPING_PAUSE_MS = 500
LOADING: dict[int | str, dict[str, Any]] = {503: {"model": Failure, "description": "The model is not ready"}}
TRANSLATION, OPERATION = "translation", "operation"
Shared = Annotated[Service, Depends(service_of)]
router = APIRouter()


@router.post("/languages", responses=LOADING, tags=[TRANSLATION], summary="The same, for clients that post")
@router.get(
    "/languages", responses=LOADING, tags=[TRANSLATION], summary="The languages served, and where each leads to"
)
async def languages(service: Shared) -> list[LanguageShape]:
    return [
        LanguageShape(code=language.code, name=language.name, targets=list(language.targets))
        for language in service.registry.models.languages.all
    ]


@router.get("/health", tags=[OPERATION], summary="Whether the process answers")
@router.get("/livez", tags=[OPERATION], summary="Whether the process answers, even while loading or overloaded")
async def health() -> Health:
    return Health()


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Unready, "description": "Loading, warming up, failed, recovering or draining"}},
    tags=[OPERATION],
    summary="Whether the models are loaded and warm",
)
async def readiness(service: Shared) -> Response:
    registry = service.registry
    try:
        versions = registry.models.versions()
        if not service.is_ready:
            raise NotReadyError(service.explanation)
    except NotReadyError as error:
        not_ready = Unready(error=str(error), status=service.status)
        return JSONResponse(not_ready.model_dump(), 503, {"retry-after": str(UNREADY_RETRY_S)})
    seconds = round(registry.seconds_to_ready or 0.0, 3)
    return JSONResponse(Readiness(model=next(iter(versions)), models=versions, secondsToReady=seconds).model_dump())


@router.get(
    "/frontend/settings",
    responses=LOADING,
    tags=[TRANSLATION],
    summary="What a page that talks to this server has to know",
)
async def frontend_settings(service: Shared) -> FrontendSettings:
    settings, served = service.settings, service.registry.models.languages
    known = {language.code: language.name for language in served.all}
    source, target = served.first
    return FrontendSettings(
        charLimit=settings.max_text_characters,
        frontendTimeout=TYPING_PAUSE_MS,
        apiKeys=service.keys.is_required,
        keyRequired=service.keys.is_required,
        suggestions=False,
        filesTranslation=False,
        supportedFilesFormat=[],
        language=LanguageChoice(
            source=LanguageName(code=source, name=known[source]), target=LanguageName(code=target, name=known[target])
        ),
        beamSize=settings.beam_size,
        maxBeamSize=settings.max_beam_size,
        maxAlternatives=settings.most_alternatives,
    )


@router.get("/metrics", response_class=Response, tags=[OPERATION], summary="Counters in Prometheus' text format")
async def metrics(service: Shared) -> Response:
    return Response(await asyncio.to_thread(service.metrics.rendered), media_type=service.metrics.content_type)
