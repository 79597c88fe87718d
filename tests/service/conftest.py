"""One running application for all tests that don't need one of their own."""

from collections.abc import Iterator

import pytest

from tests.service.client import Client, serving


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    with serving(max_text_characters=100, max_texts=3) as client:
        yield client
