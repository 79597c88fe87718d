"""`nmt serve`: the service on an address of this machine."""

import logging
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.errors import ConfigError

if TYPE_CHECKING:
    from service.worker import Worker

SAMPLES = {"en": "Good morning, how are you?", "de": "Guten Morgen, wie geht es Ihnen?"}
GRACE_S = 5  # what a shutdown allows beyond the longest request


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0 for any free one (default 8000).")] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of the model (default: the bundled one).")] = None,
) -> None:
    """Serve translation over HTTP, with a page to try it. Limits are set by environment variables, NMT_..."""
    import uvicorn

    from service.app import create_app
    from service.settings import load_settings

    settings = load_settings(host=host, port=port, model=model)
    listener = listen(settings.host, settings.port)
    address = address_of(listener)

    def when_settled(worker: "Worker") -> None:
        server.should_exit = worker.state == "failed"
        if worker.state == "ready":
            typer.echo(greeting(worker, address))

    app = create_app(settings, when_settled=when_settled)
    grace_s = round(settings.request_timeout_s) + GRACE_S
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=grace_s))
    configure_log()
    typer.echo(f"nmt: loading the model ({address}/readyz tells when it is ready)")
    server.run(sockets=[listener])
    if (error := app.state.service.worker.error) is not None:
        raise error


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError where the address can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigError(
            "--host and --port", f"{host}:{port}", f"a free address of this machine ({error.strerror})"
        ) from None


def address_of(listener: socket.socket) -> str:
    """The URL, without a path, at which a browser on this machine reaches `listener`."""
    host, port = listener.getsockname()[:2]
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"


def greeting(worker: "Worker", address: str) -> str:
    """What to say when the model is ready: where it is, and a command to try that works as it stands."""
    translator = worker.translator
    first = translator.directions[0]
    served = ", ".join(f"{direction.source}-{direction.target}" for direction in translator.directions)
    text = SAMPLES.get(first.source, "Hello.")
    return (
        f"nmt: ready after {worker.seconds_to_ready:.1f} s, serving {served}\n"
        f"  page  {address}/\n"
        f"  docs  {address}/docs\n"
        f"  try   curl {address}/translate -d source={first.source} -d target={first.target} -d attention=false "
        f"-d q='{text}'"
    )


def configure_log() -> None:
    """One line for each request, and the server's warnings, on standard error."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("service").setLevel(logging.INFO)
