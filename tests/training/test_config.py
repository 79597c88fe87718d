"""The TOML file of a run: read strictly, overridden by KEY=VALUE, faults named."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from nmt.errors import ConfigError, DataError
from nmt.options import Options, field_types
from training.config import CleaningConfig, DataConfig, TrainingConfig
from training.tasks import load_run_config

MINIMAL = """
[data]
directions = ["en-de"]
train = [{ en = "train.en", de = "train.de" }]
validation = { en = "val.en", de = "val.de" }
"""


def load_config(path: Path, overrides: Sequence[str] = ()) -> TrainingConfig:
    config = load_run_config(path, overrides)
    assert isinstance(config, TrainingConfig)
    return config


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "try.toml"
    path.write_text(MINIMAL, encoding="utf-8")
    return path


def test_what_is_not_said_has_its_default(file: Path) -> None:
    config = load_config(file)
    assert config.output.folder == "runs/try"
    assert config.data.language_pairs == (("en", "de"),)
    assert TrainingConfig.from_mapping(config.to_mapping()) == config


def test_paths_are_joined_to_the_folder(file: Path, tmp_path: Path) -> None:
    data = load_config(file, ["data.folder=corpora", f"data.tokenizer={tmp_path}/my.model"]).data
    assert data.corpora[0].paths == (Path("corpora/train.en"), Path("corpora/train.de"))
    assert data.held_out.paths == (Path("corpora/val.en"), Path("corpora/val.de"))
    assert data.tokenizer_path == tmp_path / "my.model"


@pytest.mark.parametrize(
    ("override", "found"),
    [
        ("training.max_steps=100", lambda config: config.training.max_steps == 100),
        ("training.learning_rate = 3e-4", lambda config: config.training.learning_rate == 3e-4),
        ("training.betas=[0.8, 0.9]", lambda config: config.training.betas == (0.8, 0.9)),
        ("training.optimizer=adamw", lambda config: config.training.optimizer == "adamw"),
        ('training.optimizer="adamw"', lambda config: config.training.optimizer == "adamw"),
        ("model.bidirectional=false", lambda config: not config.model.bidirectional),
        ("output.folder=a=b c", lambda config: config.output.folder == "a=b c"),
        ("output.folder=2020-02-02", lambda config: config.output.folder == "2020-02-02"),
        ('data.train=[{en="a", de="b"}]', lambda config: config.data.train == ({"en": "a", "de": "b"},)),
        ("data.validation.en=other.en", lambda config: config.data.validation["en"] == "other.en"),
    ],
)
def test_a_key_is_overridden(file: Path, override: str, found: object) -> None:
    assert callable(found) and found(load_config(file, [override]))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.max_stepps=1", r"training\.max_stepps: got 1, .*did you mean 'max_steps'"),
        ("trainning.seed=1", r"trainning: .*did you mean 'training'"),
        ("training.max_steps=many", r"training\.max_steps: got 'many', expected a whole number"),
        ("training.max_steps=-1", r"training\.max_steps: got -1, expected at least 0"),
        ("training.schedule=cosin", r"training\.schedule: got 'cosin', expected one of 'constant'"),
        ("training.betas=[0.9]", r"training\.betas: .*two numbers"),
        ("training.betas=[0.9, 1.0]", r"training\.betas: .*below 1"),
        ("training.weight_decay=0.1", r"training\.weight_decay: .*optimizer = 'adamw'"),
        ("training.min_learning_rate=2", r"training\.min_learning_rate: .*at most learning_rate"),
        (
            "training.schedule=cosine",
            r"training\.max_steps: got 0, expected max_steps, max_target_tokens or max_epochs above 0",
        ),
        ("training.seed", r"override: got 'training\.seed', expected KEY=VALUE"),
        (".seed=1", r"override: got '\.seed=1', expected KEY=VALUE"),
        ("training.seed.x=1", r"training\.seed\.x: got '1'"),
        ("training=1", r"training: got 1, expected a table"),
        ("output=x", r"output: got 'x', expected a table"),
        ('data.train=[{en="a", de="b", weight=0}]', r"data\.train\[0\]\.weight: got 0\.0, expected a number above 0"),
        ('data.train=[{en="a", de="b", directions=["en-fr"]}]', r"train\[0\]\.directions: got 'en-fr', .*\(en, de\)"),
        ('data.train=[{en="a", de="b", directions="en-de"}]', r"train\[0\]\.directions: got 'en-de', .*\[\"en-de\"\]"),
        (
            'data.train=[{en="a", de="b", directions=["de-en"]}]',
            r"data\.train\[0\]: .*among its directions one of \['en-de'\]",
        ),
        ('data.validation={en="a", de="b", directions=["en-de"]}', r"data\.validation\.directions: .*files alone"),
        ('data.train=[{en="a", de=1}]', r"data\.train\[0\]\.de: got 1(\.0)?, expected the name of a file"),
        ('data.train=[{file="a"}]', r"data\.train\[0\]\.columns: .*the language of each column"),
        ('data.train=[{file="a", columns=["en", "en"]}]', r"data\.train\[0\]\.columns: .*the language of each column"),
        ('data.train=[{file="a", columns=["en", "de"], fr="b"}]', r"data\.train\[0\]: .*no other file"),
        ("data.temperature=0.5", r"data\.temperature: got 0\.5, expected at least 1"),
        ("data.direction_weights={en-fr=2}", r"direction_weights\.en-fr: got 2\.0, expected one of .*\['en-de'\]"),
        (
            "data.direction_weights.en-de=1e9",
            r"data\.direction_weights\.en-de: got 1000000000\.0, expected a number .*up to 1,000,000",
        ),
        ('data.train=[{en="a", de="b", weight=1e308}]', r"data\.train\[0\]\.weight: got 1e\+308, expected .*1,000,000"),
        ("data.direction_weights.en-de=0", r"data\.direction_weights\.en-de: got 0\.0, expected a number above 0"),
        ("cleaning.identical=false", r"data\.prepared: got None, expected a folder"),
        ("cleaning.language_confidence=2", r"cleaning\.language_confidence: got 2.*at most 1"),
        ("data.directions=[]", r"data\.directions: got \[\], expected at least one"),
        ('data.directions=["en-en"]', r"data\.directions\[0\]: got 'en-en', expected two different languages"),
        ('data.directions=["en-de", "en-de"]', r"data\.directions: .*each direction once"),
        ('data.directions=["english-de"]', r"data\.directions\[0\]: got 'english-de', expected SOURCE-TARGET"),
        ('data.directions=["en-de", "en-fr"]', r"data\.directions\[1\]: got 'en-fr', .*it has: en, de"),
        ("data.train=[]", r"data\.train: got \[\], expected at least one corpus"),
        ('data.train=[{en="a", de="b"}, {en="a", dee="b"}]', r"data\.train\[1\]: .*both languages of a direction"),
        ('data.train=[{en="a", de="b", synthetic="fr"}]', r"data\.train\[0\]\.synthetic: got 'fr', .*languages en, de"),
        ('data.train=[{en="a", de="b", synthetic=1}]', r"data\.train\[0\]\.synthetic: got 1.*a language code"),
        ('data.train=[{en="a", de="b", wieght=2}]', r"data\.train\[0\]\.wieght: .* \(did you mean 'weight'\?\)"),
        ('data.train=[{en="a", de="b", DE="c"}]', r"data\.train\[0\]\.DE: got 'c', expected a language code such as"),
        ('data.validation={en="a"}', r"data\.validation: .*expected a file for 'de'"),
    ],
)
def test_a_contradiction_is_named_by_its_key(file: Path, override: str, message: str) -> None:
    if override == "training.seed.x=1":
        file.write_text(MINIMAL + "[training]\nseed = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_config(file, [override])


@pytest.mark.parametrize("key", ["output.folder", "data.prepared"])
def test_a_folder_has_a_name(file: Path, key: str) -> None:
    with pytest.raises(ConfigError, match=rf"{key}: got '', expected the name of a folder"):
        load_config(file, [f"{key}="])


def test_two_passes_need_dropout_of_their_own(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"training\.r_drop: got 1.0, expected 0 unless \[model\] has dropout"):
        load_config(file, ["training.r_drop=1", "model.weight_drop=0.2"])
    assert load_config(file, ["training.r_drop=1", "model.readout_dropout=0.2"]).training.r_drop == 1


def test_warm_up_must_end_before_a_falling_schedule_does(file: Path) -> None:
    overrides = ["training.max_steps=100", "training.warmup_steps=101"]
    load_config(file, overrides)
    with pytest.raises(ConfigError, match=r"training\.warmup_steps: got 101, expected at most max_steps \(100\)"):
        load_config(file, [*overrides, "training.schedule=linear"])


def test_corpora_of_several_languages_serve_the_directions_that_they_have() -> None:
    data = DataConfig(
        directions=("en-de", "fr-en", "de-en"),
        train=({"en": "a", "de": "b"}, {"en": "c", "fr": "d"}),
        validation={"en": "e", "de": "f", "fr": "g"},
    )
    assert data.target_languages == ("de", "en")


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"data: .*the files to learn from"):
        load_config(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"can't read the configuration .*none\.toml: No such file"):
        load_config(tmp_path / "none.toml")


def test_a_fault_of_syntax_is_given_with_its_line(file: Path) -> None:
    file.write_text(MINIMAL + "[training]\nseed = = 1\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"try\.toml is not TOML: .*line 7"):
        load_config(file)


def test_a_file_that_is_not_utf_8(file: Path) -> None:
    file.write_bytes(b"[data]\nfolder = '\xff'\n")
    with pytest.raises(DataError, match=r"try\.toml, line 2: not UTF-8"):
        load_config(file)


def test_a_byte_order_mark_is_no_key(file: Path) -> None:
    file.write_text(MINIMAL, encoding="utf-8-sig")
    assert load_config(file).data.directions == ("en-de",)


def options_of(kind: type[Options]) -> list[tuple[str, str]]:
    fields = kind.__dataclass_fields__
    found = [(f"{kind.__name__}.{name}", fields[name].metadata["help"]) for name in fields]
    inner = [part for part in field_types(kind).values() if isinstance(part, type) and issubclass(part, Options)]
    return found + [pair for part in inner for pair in options_of(part)]


@pytest.mark.parametrize(("name", "help_text"), options_of(TrainingConfig))
def test_every_option_says_what_it_is(name: str, help_text: str) -> None:
    assert help_text, name


@pytest.mark.parametrize("ratio", [0.5, 0.99])
def test_a_ratio_of_lengths_is_at_least_one(ratio: float) -> None:
    assert CleaningConfig(max_length_ratio=0).max_length_ratio == 0
    with pytest.raises(ConfigError, match=r"max_length_ratio: .*0 or at least 1"):
        CleaningConfig(max_length_ratio=ratio)
