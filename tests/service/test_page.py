"""The pages work with the network off and under a content security policy that allows nothing inline."""

import inspect
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from nmt.writer import Writer
from service.app import PAGE
from tests.service.client import Client

PAGES = {"/": "index.html", "/docs": "docs.html"}
FILES = sorted(path for path in PAGE.rglob("*") if path.is_file())


@pytest.mark.parametrize("address", PAGES)
def test_everything_a_page_names_is_there(client: Client, address: str) -> None:
    page = client.get(address)
    assert page.headers["content-type"].startswith("text/html")
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert named
    for reference in named:
        assert client.get(f"/{reference}").status_code == 200, reference


@pytest.mark.parametrize("address", PAGES)
def test_pages_answer_to_head(client: Client, address: str) -> None:
    reply = client.request("HEAD", address)
    assert reply.status_code == 200 and reply.content == b""


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".js"], ids=lambda path: path.name)
def test_scripts_import_what_is_there(path: Path) -> None:
    for name in re.findall(r'from "(.+?)"', path.read_text(encoding="utf-8")):
        assert (path.parent / name).is_file()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"https?:|url\(|@import|[\"'(]//", text)


@pytest.mark.parametrize("name", PAGES.values())
def test_nothing_is_inline(name: str) -> None:
    text = (PAGE / name).read_text(encoding="utf-8")
    assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert not [body for body in re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL) if body]


def test_the_elements_that_the_script_uses_are_on_the_page() -> None:
    script, page = ((PAGE / name).read_text(encoding="utf-8") for name in ("page.js", "index.html"))
    assert set(re.findall(r'\bby\("([\w-]+)"\)', script)) <= set(re.findall(r'\sid="([\w-]+)"', page))


def test_the_addresses_that_the_script_asks_are_served(client: Client) -> None:
    script = "".join((PAGE / name).read_text(encoding="utf-8") for name in ("page.js", "server.js"))
    asked = set(re.findall(r'\b(?:ask|answered)\("([\w/]+)"', script))
    assert "translate" in asked
    assert {f"/{address}" for address in asked} <= set(client.get("/openapi.json").json()["paths"])


def test_the_documentation_comes_from_an_installed_package(client: Client) -> None:
    spec = find_spec("fastapi_offline")
    assert spec is not None and spec.origin is not None
    installed = Path(spec.origin).parent / "static" / "swagger-ui-bundle.js"
    assert client.get("/docs/assets/swagger-ui-bundle.js").content == installed.read_bytes()


def test_every_warning_has_its_words() -> None:
    worded = set(re.findall(r"^  (\w+): ", (PAGE / "wording.js").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r'^            "(\w+)":', inspect.getsource(Writer), re.MULTILINE))
    assert worded == named
