"""What `nmt augment` writes: nothing held out, sides that line up, the same bytes each time."""

import json
import tomllib
from pathlib import Path

import pytest

from nmt.cli import main
from nmt.errors import ConfigError, DataError, TrainingError
from tests.training.augmentation.corpora import configuration, write_corpora
from training.augmentation.augmentation import augment
from training.augmentation.config import AugmentationConfig, CorporaConfig
from training.augmentation.text import identity
from training.lock import locked

PAIRS = ["de-en", "de-es", "de-fr", "en-es", "en-fr", "es-fr"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_corpora(folder / "corpora")
    augment(configuration(folder / "corpora", folder / "out"))
    return folder


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_each_pair_of_languages_has_its_files(made: Path) -> None:
    assert sorted(path.name for path in (made / "out").glob("[!.]*")) == sorted([*PAIRS, "development", "report.json"])
    for pair in PAIRS:
        first, second = pair.split("-")
        kinds = ["clean", "short", "sentences", "names", "numbers", "phrases"]
        kinds += [f"{kind}-from-{code}" for kind in ("lexicon", "noise") for code in (first, second)]
        names = {f"{kind}.{code}" for kind in kinds for code in (first, second)}
        assert {path.name for path in (made / "out" / pair).iterdir()} == names
        for kind in set(kinds) - {"short"}:
            assert len(lines(made / "out" / pair / f"{kind}.{first}")), (pair, kind)


def test_both_sides_have_the_same_lines_and_none_is_empty(made: Path) -> None:
    for pair in PAIRS:
        first, second = pair.split("-")
        for path in (made / "out" / pair).glob(f"*.{first}"):
            one, other = lines(path), lines(path.with_suffix(f".{second}"))
            assert len(one) == len(other)
            assert all(line.strip() for line in one + other)


def test_nothing_held_out_comes_in(made: Path) -> None:
    held_out: dict[str, set[str]] = {}
    for path in [*(made / "corpora").rglob("dev.*"), *(made / "out" / "development").iterdir()]:
        held_out.setdefault(path.suffix, set()).update(map(identity, lines(path)))
    assert all(held_out.values()) and len(held_out) == 4
    for pair in PAIRS:
        for path in (made / "out" / pair).iterdir():
            assert not held_out[path.suffix] & set(map(identity, lines(path))), path


def test_what_is_held_out_for_validation_is_parallel_in_all_languages(made: Path) -> None:
    sides = {path.suffix[1:]: lines(path) for path in (made / "out" / "development").iterdir()}
    assert sorted(sides) == ["de", "en", "es", "fr"]
    assert {len(side) for side in sides.values()} == {4}
    for language in ("de", "es", "fr"):
        train = list(
            zip(*(lines(made / "corpora" / f"{language}-en" / f"train.{c}") for c in ("en", language)), strict=True)
        )
        assert all(pair in train for pair in zip(sides["en"], sides[language], strict=True))
        clean = made / "out" / "-".join(sorted(("en", language)))
        assert not set(lines(clean / "clean.en")) & set(sides["en"])


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(made: Path) -> None:
    again, other = made / "again", made / "other"
    augment(configuration(made / "corpora", again))
    assert {k: v for k, v in written(again).items() if k != "report.json"} == {
        k: v for k, v in written(made / "out").items() if k != "report.json"
    }
    augment(configuration(made / "corpora", other, seed=2))
    assert written(other)["de-en/noise-from-de.de"] != written(again)["de-en/noise-from-de.de"]


def test_the_report_counts_the_lines(made: Path) -> None:
    report = json.loads((made / "out" / "report.json").read_text(encoding="utf-8"))
    for pair, counts in report["lines"].items():
        for name, count in counts.items():
            assert len(lines(made / "out" / pair / f"{name}.{pair[:2]}")) == count
    assert report["development"] == dict.fromkeys(("en", "de", "es", "fr"), 4)
    assert report["configuration"]["seed"] == 1 and report["complete"]


def test_what_was_interrupted_can_be_made_anew(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("training.augmentation.augmentation.make", interrupted)
        with pytest.raises(KeyboardInterrupt):
            augment(configuration(made / "corpora", tmp_path / "out"))
    assert not json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["complete"]
    augment(configuration(made / "corpora", tmp_path / "out"))
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["complete"]


def test_a_folder_of_something_else_is_left_alone(made: Path, tmp_path: Path) -> None:
    (tmp_path / ".mine").write_text("precious")
    with pytest.raises(ConfigError, match=r"output\.folder.*a new folder"):
        augment(configuration(made / "corpora", tmp_path))
    augment(configuration(made / "corpora", made / "out"))


def test_a_folder_with_another_report_is_left_alone(made: Path, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"output\.folder.*a new folder"):
        augment(configuration(made / "corpora", tmp_path))
    assert written(tmp_path) == {"report.json": b"{}"}


def test_what_others_put_beside_the_sentences_held_out_is_not_removed(tmp_path: Path) -> None:
    write_corpora(tmp_path / "corpora", ("de",))
    settings = configuration(tmp_path / "corpora", tmp_path / "out")
    augment(settings)
    (tmp_path / "out" / "development").mkdir()
    (tmp_path / "out" / "development" / "notes.txt").write_text("hours of work\n")
    with pytest.raises(ConfigError, match=r"without development/notes\.txt, which this command has not written"):
        augment(settings)
    assert (tmp_path / "out" / "development" / "notes.txt").read_text() == "hours of work\n"


def test_what_others_put_beside_its_files_is_not_removed(tmp_path: Path) -> None:
    write_corpora(tmp_path / "corpora")
    settings = configuration(tmp_path / "corpora", tmp_path / "out")
    augment(settings)
    (tmp_path / "out" / "de-en" / "translated.tsv").write_text("hours of work\n")
    with pytest.raises(ConfigError, match=r"without de-en/translated\.tsv, which this command has not written"):
        augment(settings)
    assert (tmp_path / "out" / "de-en" / "translated.tsv").read_text() == "hours of work\n"


def test_a_folder_that_can_not_be_looked_at_is_named(tmp_path: Path) -> None:
    write_corpora(tmp_path / "corpora")
    with pytest.raises(DataError, match=r"can't read .*xxx: File name too long"):
        augment(configuration(tmp_path / "corpora", tmp_path / ("x" * 300)))


def test_what_is_no_longer_made_is_no_longer_there(tmp_path: Path) -> None:
    write_corpora(tmp_path / "corpora")
    augment(configuration(tmp_path / "corpora", tmp_path / "out"))
    (tmp_path / "out" / "my-notes").mkdir()
    (tmp_path / "out" / "fr-es").mkdir()
    (tmp_path / "out" / "fr-es" / "clean.fr").write_text("of others: what is made is called es-fr\n")
    write_corpora(tmp_path / "fewer", ("de",))
    augment(configuration(tmp_path / "fewer", tmp_path / "out"))
    left = sorted(path.name for path in (tmp_path / "out").glob("[!.]*"))
    assert left == ["de-en", "fr-es", "my-notes", "report.json"]


def test_one_at_a_time_writes_to_a_folder(made: Path) -> None:
    with locked(made / "out"), pytest.raises(TrainingError, match="another process is at work"):
        augment(configuration(made / "corpora", made / "out"))


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_corpora(tmp_path / "corpora", ("de",))
    augment(configuration(tmp_path / "corpora", Path("~/out")))
    assert (tmp_path / "out" / "report.json").exists()
    corpora = CorporaConfig(folder="~/corpora", train=({"en": "a", "de": "b"},))
    assert corpora.train_paths[0]["en"] == tmp_path / "corpora" / "a"


def test_two_languages_are_enough(tmp_path: Path) -> None:
    write_corpora(tmp_path / "corpora", ("de",))
    (one,) = augment(configuration(tmp_path / "corpora", tmp_path / "out"))
    assert one.languages == ("de", "en") and one.lines["clean"] == 66


FILE = """
[corpora]
train = [{ en = "de-en/train.en", de = "de-en/train.de" }]
held_out = [{ en = "de-en/dev.en", de = "de-en/dev.de" }]

[names]
templates = 1
"""


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["augment", *arguments])
    return int(ended.value.code or 0)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write_corpora(tmp_path, ("de",))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.toml").write_text(FILE, encoding="utf-8")
    assert run("my.toml", "processes=1", "output.folder='out[/b]'") == 0
    shown = capsys.readouterr().err
    assert "66 pairs read" in shown and "noise-from first" in shown and "validation" not in shown
    assert "written to out[/b]" in shown
    assert sorted(path.name for path in (tmp_path / "out[" / "b]").glob("[!.]*")) == ["de-en", "report.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.toml"], "can't read the configuration absent.toml"),
        (["my.toml", "noise.typo=1"], "noise.typo: got 1, expected a known key (did you mean 'typos'?)"),
        (["my.toml", "corpora.train=[{en='no', de='de-en/train.de'}]"], "can't read no: No such file or directory"),
        (["my.toml", "corpora.train=[{en='de-en/train.en'}]"], "expected files of two languages"),
        (["my.toml", "corpora.held_out=[{en='de-en/none.en'}]"], "can't read de-en/none.en"),
        (
            ["my.toml", "corpora.train=[{file='a.tsv', columns='b'}]"],
            "corpora.train[0]: got 'file', expected a language",
        ),
        (["my.toml", "corpora.held_out=[{'pt-br'='a'}]"], "corpora.held_out[0]: got 'pt-br', expected a language code"),
        (["my.toml", "pivot.language='../en'"], "pivot.language: got '../en', expected a language code"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    write_corpora(tmp_path, ("de",))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.toml").write_text(FILE, encoding="utf-8")
    assert run(*arguments, *(["processes=1"] if len(arguments) > 1 else [])) == 2
    shown = capsys.readouterr().err.splitlines()[-1]
    assert shown.startswith("nmt: error: ") and message in shown


def test_corpora_that_give_nothing_are_named(tmp_path: Path) -> None:
    for name in ("train", "held"):
        for code in ("de", "fr"):
            (tmp_path / f"{name}.{code}").write_text(f"{code} eins.\n\n", encoding="utf-8")
    corpora = {
        "folder": str(tmp_path),
        "train": [{"de": "train.de", "fr": "train.fr"}],
        "held_out": [{"fr": "held.fr"}],
    }
    config = AugmentationConfig.from_mapping({"corpora": corpora, "output": {"folder": str(tmp_path / "out")}})
    with pytest.raises(DataError, match=r"corpora\.train has no de-fr pair that is not empty or held out"):
        augment(config)
    assert not (tmp_path / "out").exists()


def test_a_pivot_that_no_corpus_has_is_refused() -> None:
    train = [{"de": "a.de", "fr": "a.fr"}, {"de": "b.de", "es": "b.es"}]
    output = {"folder": "out"}
    with pytest.raises(ConfigError, match=r"pivot\.language: got 'en', expected a language that corpora share.*: de$"):
        AugmentationConfig.from_mapping({"corpora": {"train": train}, "output": output})
    for more in ({"fr": "c.fr", "es": "c.es"}, {"en": "c.en", "es": "c.es"}):
        AugmentationConfig.from_mapping({"corpora": {"train": [*train, more]}, "output": output})


def test_all_options_are_listed_in_a_file_that_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--options") == 0
    listed = tomllib.loads(capsys.readouterr().out)
    given = {"corpora": {"train": [{"de": "a.de", "en": "a.en"}]}, "output": {"folder": "out"}}
    defaults = AugmentationConfig.from_mapping(given).to_mapping()
    for name, value in listed.items():
        assert defaults[name] == (defaults[name] | value if isinstance(value, dict) else value), name
