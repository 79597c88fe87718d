"""The application, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from nmt import __version__
from nmt.errors import NmtError
from service.errors import INTERNAL, RETRY_AFTER_S, status_of
from service.metrics import Metrics
from service.middleware import BodyLimit, Observation, SecurityHeaders
from service.processors import available_processors
from service.routes import Service, router
from service.schemas import TranslateRequest
from service.settings import Settings, load_settings
from service.worker import Translating, Worker

PAGE = Path(__file__).parent / "page"
DESCRIPTION = (
    "Translation with recurrent encoder-decoders and attention. `POST /translate` takes what LibreTranslate's clients "
    'send, and gives the attention weights besides. Every failure answers with `{"error": message}`.'
)


def create_app(
    settings: Settings | None = None,
    load: Callable[[], Translating] | None = None,
    when_settled: Callable[[Worker], None] = lambda worker: None,
) -> FastAPI:
    """The application; it loads its model in the background when it is started.

    `settings` come from the environment and `load` from the settings where they are absent; `when_settled` is called
    once, when the model is ready or has failed to load.
    """
    settings = settings or load_settings()

    def settled(worker: Worker) -> None:
        if worker.state == "ready":
            translator = worker.translator
            metrics.served(translator.name, [f"{d.source}-{d.target}" for d in translator.directions])
        when_settled(worker)

    worker = Worker(load or partial(load_translator, settings), settings.queue_limit, settled)
    metrics = Metrics(worker)
    app = FastAPI(
        title="nmt", version=__version__, description=DESCRIPTION, docs_url=None, redoc_url=None, lifespan=_lifespan
    )
    app.state.service = Service(settings, worker, metrics)
    app.include_router(router)
    _add_pages(app)
    app.add_exception_handler(NmtError, _on_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_middleware(BodyLimit, limit_bytes=settings.max_body_bytes)
    app.add_middleware(Observation, metrics=metrics)
    app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["*"], allow_headers=["*"])
    app.add_middleware(SecurityHeaders)
    app.openapi_schema = _described(app.openapi(), settings)
    return app


def load_translator(settings: Settings) -> Translating:
    """The translator that `settings` name; its threads are set for the thread that this runs on."""
    import torch

    from nmt.translator import Translator

    torch.set_num_threads(settings.threads or available_processors())
    return Translator.load(settings.model)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    worker: Worker = app.state.service.worker
    loading = asyncio.create_task(worker.run())
    yield
    await worker.stop()
    loading.cancel()


def _add_pages(app: FastAPI) -> None:
    async def index(request: Request) -> FileResponse:
        return FileResponse(PAGE / "index.html")

    async def docs(request: Request) -> FileResponse:
        return FileResponse(PAGE / "docs.html")

    app.add_route("/", index)
    app.add_route("/docs", docs)
    app.mount("/page", StaticFiles(directory=PAGE))
    app.mount("/docs/assets", StaticFiles(packages=[("fastapi_offline", "static")]))


def _failure(message: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    retry = {"retry-after": str(RETRY_AFTER_S[status])} if status in RETRY_AFTER_S else {}
    return JSONResponse({"error": message}, status, {**retry, **(headers or {})})


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, NmtError)
    status = status_of(error)
    if status == 500:
        raise error
    return _failure(str(error), status)


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    message = INTERNAL if error.status_code >= 500 else error.detail
    return _failure(message, error.status_code, dict(error.headers or {}))


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    name, fault = ".".join(map(str, error.errors()[0]["loc"])), error.errors()[0]["msg"]
    return _failure(f"Invalid request: {name}: {fault}", 400)


def _described(schema: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The OpenAPI document with the request's shape and this server's limits in it."""
    shape = TranslateRequest.model_json_schema()
    limits = {
        "alternatives": settings.max_alternatives,
        "beam_size": settings.max_beam_size,
        "max_length": settings.max_output_tokens,
    }
    for name, limit in limits.items():
        shape["properties"][name]["maximum"] = limit
    text, texts = shape["properties"]["q"]["anyOf"]
    text["maxLength"] = texts["items"]["maxLength"] = settings.max_text_characters
    texts["maxItems"] = settings.max_texts
    shape["properties"]["beam_size"]["default"] = settings.beam_size
    shape["properties"]["attention"]["default"] = settings.attention
    schema["components"]["schemas"]["TranslateRequest"] = shape
    return schema
