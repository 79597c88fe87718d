"""The application, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from nmt import __version__
from nmt.errors import NmtError
from service import routes, translation_routes
from service.description import described
from service.detection import Detector, load_identifier
from service.engine import Engine
from service.errors import INTERNAL, retry_after_s, status_of
from service.forkserver import ForkServer
from service.keys import read_keys
from service.metrics import Metrics
from service.middleware import BodyLimit, Observation, PathPrefix, SecurityHeaders
from service.models import Registry, Sources
from service.pool import Pool
from service.queueing import Limits
from service.settings import Settings, load_settings
from service.shared import Service
from service.sources import sources_of
from service.translating import Identifying

PAGE = Path(__file__).parent / "page"
DESCRIPTION = (
    "Translation with recurrent encoder-decoders and attention. `POST /translate` takes what LibreTranslate's clients "
    'send, and gives the attention weights besides. Every failure answers with `{"error": message}`.'
)


def create_app(
    settings: Settings | None = None,
    sources: Sources | None = None,
    identify: Callable[[], Identifying] | None = None,
    when_settled: Callable[[Registry], None] = lambda registry: None,
    fork_server: ForkServer | None = None,
) -> FastAPI:
    """The application; it loads its models in the background when it is started.

    `settings` come from the environment; `sources` of the models and `identify`, which loads the language identifier,
    from the settings where they are absent. `when_settled` is called once, when the models are ready or have failed
    to load. Decoding processes come from `fork_server`, where the settings ask for any. Raises ConfigError for API keys
    that can't be read.
    """
    settings = settings or load_settings()
    metrics = Metrics()
    limits = Limits(settings.batch_rows, settings.batch_tokens, settings.batch_lanes)
    pool = Pool(settings.decoders, fork_server, metrics.decoder_lost)
    engine = Engine(settings.queue_tokens, limits, metrics, pool.lanes)
    registry = Registry(
        sources or sources_of(settings),
        when_settled,
        metrics.served,
        lambda source: metrics.not_loaded(),
        engine.warm_up,
    )
    detector = Detector(identify or partial(load_identifier, settings.identifier))
    read = partial(read_keys, settings.api_keys, settings.api_keys_file)
    service = Service(settings, registry, engine, detector, metrics, read)
    metrics.observe(lambda: engine.business, lambda: service.is_ready, lambda: pool.pids)
    app = FastAPI(
        title="nmt", version=__version__, description=DESCRIPTION, docs_url=None, redoc_url=None, lifespan=_lifespan
    )
    app.state.service, app.state.pool = service, pool
    app.include_router(translation_routes.router)
    app.include_router(routes.router)
    _add_pages(app)
    app.add_exception_handler(NmtError, _on_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_middleware(BodyLimit, limit_bytes=settings.max_body_bytes)
    app.add_middleware(Observation, metrics=metrics)
    app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["*"], allow_headers=["*"])
    app.add_middleware(SecurityHeaders)
    if settings.root_path:
        app.add_middleware(PathPrefix, prefix=settings.root_path)
    app.openapi_schema = described(app.openapi(), settings)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    service.engine.start()
    background = [asyncio.create_task(_load(service))]
    yield
    service.registry.drain()
    for task in background:
        task.cancel()
    await service.engine.stop()
    await asyncio.to_thread(app.state.pool.close)
    service.registry.close()


async def _load(service: Service) -> None:
    """Load everything, then look for new models as often as the settings say."""
    await asyncio.to_thread(service.detector.prepare)
    await service.registry.run()
    if service.settings.reload_s:
        await service.registry.watch(service.settings.reload_s)


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
    return JSONResponse({"error": message}, status, headers)


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, NmtError)
    service: Service = request.app.state.service
    service.metrics.refused(error)
    status, seconds = status_of(error), retry_after_s(error)
    if status == 500:
        raise error
    return _failure(str(error), status, None if seconds is None else {"retry-after": str(seconds)})


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    message = INTERNAL if error.status_code >= 500 else error.detail
    documented = request.app.openapi()["paths"].get(
        request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    )
    allow = {"allow": ", ".join(sorted(map(str.upper, documented)))} if error.status_code == 405 and documented else {}
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return _failure(message, error.status_code, headers | allow)


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    name, fault = ".".join(map(str, error.errors()[0]["loc"])), error.errors()[0]["msg"]
    return _failure(f"Invalid request: {name}: {fault}", 400)
