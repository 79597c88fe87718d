"""`nmt serve`: the service on an address of this machine."""

import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.errors import ConfigError

if TYPE_CHECKING:
    from service.models import Registry

SAMPLES = {"en": "Good morning, how are you?", "de": "Guten Morgen, wie geht es Ihnen?"}
SWITCH_S = 0.0005  # the thread that decodes asks for the interpreter many times a step


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0 for any free one (default 8000).")] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of the model (default: the bundled one).")] = None,
    models: Annotated[Path | None, typer.Option(help="Folder of model folders, all of which are served.")] = None,
) -> None:
    """Serve translation over HTTP, with a page to try it. Limits are set by environment variables, NMT_..."""
    from service.forkserver import ForkServer
    from service.processors import decodes_apart
    from service.settings import load_settings

    settings = load_settings(host=host, port=port, model=model, models=models)
    fork_server = ForkServer()
    if decodes_apart(settings.decoders):
        fork_server.begin()  # it loads its libraries while this process loads its own
    from service.app import create_app
    from service.log import configure_log
    from service.server import Server

    listener = listen(settings.host, settings.port)
    address = address_of(listener)

    def when_settled(registry: "Registry") -> None:
        if registry.state == "failed":
            server.should_exit = True
        elif registry.state == "ready":
            typer.echo(greeting(registry, address))

    app = create_app(settings, when_settled=when_settled, fork_server=fork_server)
    server = Server(app, settings)
    configure_log(settings.log_format)
    sys.setswitchinterval(SWITCH_S)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, server.handle_hangup)
    typer.echo(f"nmt: loading the model ({address}/readyz tells when it is ready)")
    server.run(sockets=[listener])
    fork_server.close()
    registry = app.state.service.registry
    if registry.state == "failed":
        raise registry.error


def make_key() -> None:
    """Make an API key; the hash is for NMT_API_KEYS or the file NMT_API_KEYS_FILE, the key for its user."""
    from service.keys import hash_of, new_key

    key = new_key()
    typer.echo(f"key   {key}")
    typer.echo(f"hash  {hash_of(key)}")


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


def greeting(registry: "Registry", address: str) -> str:
    """What to say when the models are ready: where they are, and a command to try that works as it stands."""
    directions = registry.models.directions
    first = directions[0]
    served = ", ".join(f"{direction.source}-{direction.target}" for direction in directions)
    text = SAMPLES.get(first.source, "Hello.")
    return (
        f"nmt: ready after {registry.seconds_to_ready:.1f} s, serving {served}\n"
        f"  page  {address}/\n"
        f"  docs  {address}/docs\n"
        f"  try   curl {address}/translate -d source={first.source} -d target={first.target} -d attention=false "
        f"-d q='{text}'"
    )
