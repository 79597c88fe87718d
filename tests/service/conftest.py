"""What all tests share that don't need one of their own: a running application, and a server of forks."""

from collections.abc import Iterator

import pytest

from service.forkserver import ForkServer
from tests.service.client import Client, serving


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    with serving(max_text_characters=100, max_texts=3) as client:
        yield client


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    server = ForkServer()
    yield server
    server.close()
