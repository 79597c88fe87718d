"""A direction leads from one language into another one."""

import subprocess
import sys

import pytest

from nmt.direction import Direction
from nmt.errors import ConfigError


def test_directions_are_read_and_written() -> None:
    assert Direction.parse("en-de") == Direction("en", "de")
    assert str(Direction("en", "de")) == "en-de"


@pytest.mark.parametrize("text", ["", "en", "en-", "-de", "ende", "en_de", "EN-DE", "en-de-fr", "english-german", "-"])
def test_what_is_no_direction_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=f"^direction: got '{text}', expected SOURCE-TARGET"):
        Direction.parse(text)


def test_a_language_is_not_translated_into_itself() -> None:
    with pytest.raises(ConfigError, match="target: got 'de', expected two different languages"):
        Direction("de", "de")
    with pytest.raises(ConfigError, match=r"data\.directions\[0\]: got 'de-de', expected two different languages"):
        Direction.parse("de-de", "data.directions[0]")


def test_a_direction_is_there_before_torch() -> None:
    code = "import sys, nmt; nmt.Direction.parse('en-de'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
