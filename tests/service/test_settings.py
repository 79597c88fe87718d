"""What an operator can set, and what is said of a mistake."""

from pathlib import Path

import pytest

from nmt.errors import ConfigError
from nmt.processors import available_processors
from service.settings import Settings, load_settings


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_environment_sets_and_arguments_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NMT_PORT", "9000")
    monkeypatch.setenv("NMT_CORS_ORIGINS", "https://a.example, https://b.example")
    assert load_settings(port=None).port == 9000
    assert load_settings(port=9001).port == 9001
    assert load_settings().cors_origins == ("https://a.example", "https://b.example")
    monkeypatch.setenv("NMT_CORS_ORIGINS", "")
    assert load_settings().cors_origins == ()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [("NMT_PORT", "many", "NMT_PORT"), ("NMT_MAX_TEXTS", "0", "NMT_MAX_TEXTS"), ("NMT_BEAM_SIZE", "11", "NMT")],
)
def test_a_mistake_names_the_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str, key: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert caught.value.key == key


def test_a_mistaken_argument_is_named_as_it_was_given() -> None:
    with pytest.raises(ConfigError, match=r"^port: got 70000, expected"):
        load_settings(port=70000)


@pytest.mark.parametrize(("quota", "processors"), [("100000 100000", 1), ("50000 100000", 1), ("max 100000", None)])
def test_processors_follow_the_containers_quota(tmp_path: Path, quota: str, processors: int | None) -> None:
    (tmp_path / "cpu.max").write_text(f"{quota}\n")
    assert available_processors(tmp_path) == (processors or available_processors(tmp_path / "absent"))
