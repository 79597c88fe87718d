"""Several models at a time, and a new version in place of an old one while requests run."""

import asyncio
import gc
import shutil
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event

import pytest

from nmt.config import SearchOptions
from nmt.errors import ArtifactError, ConfigError
from service.models import Models, Registry, Source
from service.settings import Settings
from service.sources import sources_of
from service.translating import Translating
from service.warming import warm_up
from tests.service.client import PATIENCE_S, Client, serving, starting
from tests.service.fakes import FakeTranslator


class Shelf:
    """Sources that a test can change."""

    def __init__(self, **translators: FakeTranslator) -> None:
        self.entries: dict[str, tuple[str, Callable[[], Translating]]] = {}
        self.loads: list[str] = []
        for name, translator in translators.items():
            self.put(name, "1", translator)

    def put(self, name: str, version: str, found: FakeTranslator | Exception) -> None:
        def load() -> Translating:
            self.loads.append(f"{name} {version}")
            if isinstance(found, Exception):
                raise found
            return found

        self.entries[name] = (version, load)

    def __call__(self) -> list[Source]:
        return [Source(name, version, load) for name, (version, load) in self.entries.items()]


def on_shelf(shelf: Shelf) -> AbstractContextManager[Client]:
    return starting(FakeTranslator, sources=shelf)


def versions(client: Client) -> dict[str, str]:
    found: dict[str, str] = client.get("/readyz").json()["models"]
    return found


def test_each_direction_is_served_by_the_first_model_that_has_it() -> None:
    shelf = Shelf(b=FakeTranslator([("en", "de"), ("en", "fr")]), a=FakeTranslator([("de", "en"), ("en", "de")]))
    with on_shelf(shelf) as client:
        client.wait_until_settled()
        assert versions(client) == {"a": "1", "b": "1"}
        assert {one["code"]: one["targets"] for one in client.get("/languages").json()} == {
            "de": ["en"],
            "en": ["de", "fr"],
            "fr": [],
        }
        for target, name in (("de", "a"), ("fr", "b")):
            model, direction = client.service.registry.models.serving("en", target)
            assert model.name == name and direction.target == target
            assert client.translate(q="A dog", target=target).status_code == 200


def test_a_new_version_takes_over_and_the_old_one_ends_its_work_and_is_freed() -> None:
    gate = Event()
    old, new = FakeTranslator(gate=gate), FakeTranslator()
    gone, entered = weakref.ref(old), old.entered
    shelf = Shelf(a=old)
    with on_shelf(shelf) as client:
        client.wait_until_settled()
        running = client.start(q="A dog")
        assert entered.wait(PATIENCE_S)
        shelf.put("a", "2", new)
        del old
        client.call(client.service.registry.refresh)
        assert versions(client) == {"a": "2"} and new.warm_ups == 2
        gate.set()
        assert running.result(PATIENCE_S).json()["translatedText"] == "ein Hund"
        assert client.translate(q="dog").status_code == 200 and new.texts == ["dog"]
        client.wait_until_running(0)
        gc.collect()
        assert gone() is None
        metrics = client.get("/metrics").text
        assert 'name="a",version="2"} 1.0' in metrics and 'version="1"' not in metrics


def test_a_bad_version_is_refused_once_and_the_old_one_stays() -> None:
    shelf = Shelf(a=FakeTranslator())
    with on_shelf(shelf) as client:
        client.wait_until_settled()
        shelf.put("a", "2", ArtifactError("model.safetensors is damaged"))
        for _ in range(3):
            client.call(client.service.registry.refresh)
        assert versions(client) == {"a": "1"} and shelf.loads == ["a 1", "a 2"]
        assert client.translate(q="A dog").status_code == 200
        assert "nmt_model_load_failures_total 1.0" in client.get("/metrics").text
        client.call(client.service.reload)
        assert shelf.loads == ["a 1", "a 2", "a 2"]
        shelf.put("a", "3", FakeTranslator())
        client.call(client.service.registry.refresh)
        assert versions(client) == {"a": "3"}


def test_models_come_and_go_but_the_last_one_stays() -> None:
    shelf = Shelf(a=FakeTranslator(), b=FakeTranslator([("en", "fr")]))
    with on_shelf(shelf) as client:
        client.wait_until_settled()
        del shelf.entries["a"]
        client.call(client.service.registry.refresh)
        assert versions(client) == {"b": "1"}
        assert client.translate(q="A").status_code == 400
        shelf.entries.clear()
        client.call(client.service.registry.refresh)
        assert versions(client) == {"b": "1"}


def test_one_good_model_is_enough_to_be_ready() -> None:
    shelf = Shelf(b=FakeTranslator())
    shelf.put("a", "1", ArtifactError("config.json is missing"))
    with on_shelf(shelf) as client:
        client.wait_until_settled()
        assert versions(client) == {"b": "1"}


def test_a_folder_is_looked_at_again_and_again() -> None:
    shelf, changed = Shelf(a=FakeTranslator()), Event()

    async def watched() -> None:
        registry = Registry(shelf, when_changed=lambda models: changed.set() if len(models.all) == 2 else None)
        await registry.run()
        watching = asyncio.create_task(registry.watch(0.001))
        shelf.put("b", "1", FakeTranslator([("en", "fr")]))
        await asyncio.to_thread(changed.wait, PATIENCE_S)
        watching.cancel()
        registry.close()

    asyncio.run(watched())
    assert changed.is_set()


def test_a_listing_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf(a=FakeTranslator())

    async def failing() -> None:
        registry = Registry(lambda: shelf() if shelf.entries else 1 / 0)  # type: ignore[return-value]
        await registry.run()
        shelf.entries.clear()
        await registry.refresh_safely()
        assert registry.state == "ready" and registry.models.versions() == {"a": "1"}
        registry.close()

    asyncio.run(failing())
    assert "can't be listed" in caplog.text


def test_a_stop_while_loading_does_not_become_ready() -> None:
    async def stopping() -> None:
        gate, states = Event(), []

        def load() -> Translating:
            gate.wait(PATIENCE_S)
            return FakeTranslator()

        registry = Registry(lambda: [Source("a", "1", load)], lambda registry: states.append(registry.state))
        loading = asyncio.create_task(registry.run())
        await asyncio.sleep(0)
        registry.drain()
        gate.set()
        await loading
        assert states == ["draining"] and registry.state == "draining"
        registry.close()

    asyncio.run(stopping())


def test_no_models_serve_nothing() -> None:
    assert Models().all == () and Models().languages.all == ()


def test_a_warm_up_goes_through_every_direction() -> None:
    translator = FakeTranslator([("en", "de"), ("en", "fr"), ("de", "en")])
    warm_up(translator)
    assert translator.warm_ups == 3 and translator.texts == []


# Folders of real models


def sources(folder: Path) -> list[Source]:
    return list(sources_of(Settings(models=folder))())


def test_a_folder_of_models_is_read_by_name_and_content(artifact_folder: Path, tmp_path: Path) -> None:
    for name in ("b", "a"):
        shutil.copytree(artifact_folder, tmp_path / name)
    (tmp_path / "notes").mkdir()
    (tmp_path / "readme.txt").write_text("x")
    first = sources(tmp_path)
    assert [source.name for source in first] == ["a", "b"]
    assert first[0].version == first[1].version
    (tmp_path / "a" / "README.md").write_text("other words")
    assert sources(tmp_path)[0].version == first[0].version
    assert sources(tmp_path)[0].fingerprint != first[0].fingerprint
    with (tmp_path / "a" / "SHA256SUMS").open("a") as file:
        file.write("\n")
    assert sources(tmp_path)[0].version != first[0].version


def test_a_link_to_a_model_has_its_own_name(artifact_folder: Path, tmp_path: Path) -> None:
    for name in ("2-news", "1-talk"):
        shutil.copytree(artifact_folder, tmp_path / "runs" / name / "best")
        (tmp_path / name).symlink_to(tmp_path / "runs" / name / "best")
    assert [source.name for source in sources(tmp_path)] == ["1-talk", "2-news"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="NMT_MODELS"):
        sources(tmp_path / "absent")


def test_a_real_model_answers_as_the_library_does(artifact_folder: Path) -> None:
    from nmt.translator import Translator

    text = "A dog runs. Good morning, how are you?\n\n<b>The cat</b> sleeps."
    greedy = SearchOptions(beam_size=1, max_length=12)
    alone = Translator.load(artifact_folder).translate(text, source="en", target="de", options=greedy).text
    asked = {"q": text, "beam_size": 1, "max_length": 12}
    with starting(FakeTranslator, sources=sources_of(Settings(model=artifact_folder))) as client:
        client.wait_until_settled()
        assert client.translate(**asked).json()["translatedText"] == alone
        streamed = client.translate(**asked, stream=True).text
        assert streamed.count("event: segment") == 3
        assert client.translate(**asked, format="html", glossary={"dog": "Hund"}).status_code == 200


def test_a_server_without_a_refresh_keeps_what_it_has() -> None:
    with serving() as client:
        client.call(client.service.reload)
        assert versions(client) == {"fake": "1"}
