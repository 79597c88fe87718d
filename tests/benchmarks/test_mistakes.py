"""Who calls a benchmark with something wrong reads what, and not where in the code."""

from pathlib import Path
from types import ModuleType

import attention
import processes
import pytest
import spelling


@pytest.mark.parametrize(
    ("script", "arguments", "message"),
    [
        (processes, ["recipe.toml", "--processes", "1"], "--processes: got 1, expected 2 or more"),
        (processes, ["recipe.toml", "--steps", "20"], "--steps: got 20, expected 30 or more"),
        (spelling, ["test.en"], "got test.en, expected CODE=FILE"),
        (spelling, ["en=absent.en"], "can't read absent.en"),
        (attention, ["absent.en", "absent.de", "--source", "en", "--target", "de"], "can't read absent.en"),
        (attention, ["empty.en", "empty.de", "--source", "en", "--target", "de"], "nothing is linked"),
    ],
)
def test_a_mistake_is_told(
    script: ModuleType,
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("empty.en", "empty.de"):
        (tmp_path / name).write_text("\n\n")
    monkeypatch.setattr("sys.argv", [f"{script.__name__}.py", *arguments])
    with pytest.raises(SystemExit):
        script.main()
    assert message in capsys.readouterr().err


def test_a_run_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["processes.py", str(tmp_path / "absent.toml")])
    with pytest.raises(SystemExit, match=r"can't read the configuration .*absent\.toml"):
        processes.main()
