"""What `nmt` promises to its users: these names, no more and no fewer."""

import re
from pathlib import Path

import pytest

import nmt

ROOT = Path(__file__).parents[1]
PUBLIC_NAMES = [
    "Artifact",
    "ArtifactError",
    "CheckpointError",
    "ConfigError",
    "DataError",
    "Detection",
    "Direction",
    "DirectionError",
    "InputError",
    "LanguageIdentifier",
    "ModelConfig",
    "NmtError",
    "NonFiniteLossError",
    "SearchOptions",
    "Segment",
    "TextOptions",
    "Token",
    "TrainingError",
    "Translation",
    "Translator",
    "Word",
    "__version__",
    "load_artifact",
    "save_artifact",
]


def test_the_public_names_are_pinned() -> None:
    assert sorted(nmt.__all__) == PUBLIC_NAMES
    assert sorted(dir(nmt)) == PUBLIC_NAMES


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_each_name_is_there(name: str) -> None:
    value = getattr(nmt, name)
    assert name == "__version__" or value.__name__ == name


def test_any_other_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Translater'"):
        nmt.__getattr__("Translater")


def test_errors_are_one_tree() -> None:
    for name in PUBLIC_NAMES:
        if name.endswith("Error"):
            assert issubclass(getattr(nmt, name), nmt.NmtError)


@pytest.mark.parametrize("package", ["nmt", "training", "service"])
def test_types_are_shipped(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()


def test_the_changelog_has_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert nmt.__version__ in headings
