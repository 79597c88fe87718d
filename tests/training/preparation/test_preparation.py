"""Laws of `nmt prepare`: shards have what memory would have, interrupted or not; what does not fit is refused."""

import errno
import io
import json
import os
import re
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from nmt.errors import ConfigError, DataError
from nmt.tokenizer import SentencePieceTokenizer
from tests.training.runs import config as run_config
from tests.training.runs import train, write_corpus
from training import encoding, shard
from training.config import TrainingConfig
from training.corpus import ParallelCorpus, load_corpus
from training.preparation.preparation import Preparation
from training.preparation.prepared import allow_open_files, open_prepared, prepared_tokenizer
from training.preparation.writing import PartWriter
from training.sampler import Sampler

OFF = {
    "invalid_characters": False, "control_characters": False, "identical": False, "held_out": False,
    "language_confidence": 1.0, "max_length_ratio": 0.0, "duplicates": False,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(encoding, "CHUNK_LINES", 30)
    monkeypatch.setattr(shard, "SHARD_PAIRS", 50)
    write_corpus(tmp_path)
    return tmp_path


def config(folder: Path, cleaning: dict[str, object] = OFF, **data: object) -> TrainingConfig:
    plain = run_config(folder).to_mapping()
    plain["data"] |= {"prepared": str(folder / "prepared"), "directions": ["xx-yy", "yy-xx"]} | data
    return TrainingConfig.from_mapping(plain | {"cleaning": cleaning})


def prepare(settings: TrainingConfig, processes: int = 1, anew: bool = False) -> str:
    shown = io.StringIO()
    Preparation(settings, Console(file=shown, width=200), processes, anew).run()
    return shown.getvalue()


def opened(settings: TrainingConfig) -> ParallelCorpus:
    return open_prepared(settings, prepared_tokenizer(settings))[0]


def content(folder: Path) -> dict[str, bytes]:
    """What is in a prepared folder, but for when its files were changed."""
    found = {path.name: path.read_bytes() for path in (folder / "prepared").iterdir() if path.name != ".lock"}
    found["manifest.json"] = re.sub(rb'"modified_ns": \d+', b"", found["manifest.json"])
    return found


def same_batches(one: ParallelCorpus, other: ParallelCorpus) -> bool:
    assert one.sizes == other.sizes
    for batch in Sampler(one, batch_tokens=300, seed=1).pool(2):
        first, second = one.batch(batch), other.batch(batch)
        assert first.describe() == second.describe()
        assert first.source.tokens_BS.equal(second.source.tokens_BS)
        assert first.target_out_BT.equal(second.target_out_BT)
    return True


def test_without_cleaning_shards_have_what_memory_has(folder: Path) -> None:
    settings = config(folder)
    assert "prepared: " in prepare(settings)
    assert len(list((folder / "prepared").glob("*.safetensors"))) > 2
    found = opened(settings)
    in_memory, _ = load_corpus(settings.data, settings.data.corpora, prepared_tokenizer(settings))
    assert same_batches(found, in_memory)
    assert found.fingerprint() == in_memory.fingerprint()


def test_several_processes_write_what_one_does(folder: Path) -> None:
    settings = config(folder, {"identical": False})
    prepare(settings)
    one = content(folder)
    shutil.rmtree(folder / "prepared")
    prepare(settings, processes=2)
    assert content(folder) == one


def test_a_prepared_corpus_trains_and_its_run_goes_on(folder: Path) -> None:
    settings = config(folder)
    prepare(settings)
    assert "200 of 200 pairs are in " in train(settings)
    assert "going on after step 12" in train(settings)
    plain = settings.to_mapping()
    plain["data"]["temperature"] = 2.0
    plain["output"]["folder"] = str(folder / "other")
    assert "step 12" in train(TrainingConfig.from_mapping(plain))


def dirty(folder: Path) -> TrainingConfig:
    """Lines of which each rule leaves some out."""
    first = ["one", "two", "", "one", "thr\x07ee", "same", "four", "five " * 100, "a b c d e f g", "six", "one"] * 9
    second = ["eins", "zwei", "x", "eins", "drei", "same", "vier", "fünf", "a", "s\xffechs", "uno"] * 9
    (folder / "d.xx").write_bytes("\n".join(first).encode())
    (folder / "d.yy").write_bytes("\n".join(second).encode("utf-8").replace("\xff".encode(), b"\xff"))
    (folder / "v.xx").write_text("four \nnine\n", encoding="utf-8")
    (folder / "v.yy").write_text("vier\nneun\n", encoding="utf-8")
    train = [{"xx": "d.xx", "yy": "d.yy"}, {"xx": "held.xx", "yy": "held.yy"}]
    validation = {"xx": "v.xx", "yy": "v.yy"}
    return config(folder, {"language_confidence": 0.9}, train=train, validation=validation, max_length=60)


def test_the_report_counts_each_rule(folder: Path) -> None:
    settings = dirty(folder)
    shown = prepare(settings)
    parts = json.loads((folder / "prepared" / "manifest.json").read_text())["parts"]
    counts = {rule: count for rule, count in parts[0]["left_out"].items() if count}
    assert counts == {
        "empty": 9, "invalid_characters": 9, "control_characters": 9, "identical": 9, "held_out": 9,
        "too_long": 9, "length_ratio": 9, "duplicate": 33,
    }  # fmt: skip
    assert parts[0]["lines"] == sum(counts.values()) + 3
    report = (folder / "prepared" / "report.md").read_text()
    assert "| duplicate | came before | 33 |" in report and "- line 5: `'thr\\x07ee'` | `'drei'`" in report
    assert all(rule in shown for rule in counts)
    found = opened(settings)
    assert found.describe(np.arange(3)) == "lines 1, 2, 11 of data.train[0] xx-yy"


def test_a_pair_may_come_again_for_other_directions(folder: Path) -> None:
    files = {"xx": "train.xx", "yy": "train.yy"}
    rules = OFF | {"duplicates": True}
    settings = config(folder, rules, train=[files, files | {"directions": ["xx-yy"]}, files])
    prepare(settings)
    parts = json.loads((folder / "prepared" / "manifest.json").read_text())["parts"]
    left_out = [part["left_out"].get("duplicate", 0) for part in parts]
    assert left_out[0] == left_out[1] < left_out[2] == parts[2]["lines"]


def test_the_vocabulary_is_not_learnt_from_held_out_pairs(folder: Path) -> None:
    own, held_out = {"xx": "train.xx", "yy": "train.yy"}, {"xx": "held.xx", "yy": "held.yy"}
    rules = OFF | {"held_out": True}
    learnt = []
    for corpora in ([own], [own, held_out]):
        settings = config(folder, rules, train=corpora)
        prepare(settings, anew=True)
        learnt.append(prepared_tokenizer(settings).serialized)
    assert learnt[0] == learnt[1]
    unruly = config(folder, train=[own, held_out])
    prepare(unruly, anew=True)
    assert prepared_tokenizer(unruly).serialized != learnt[0]


def test_what_is_remembered_of_duplicates_is_bounded_and_said(folder: Path) -> None:
    plain = dirty(folder).to_mapping()
    plain["cleaning"]["remembered_pairs"] = 1
    assert "Duplicates were recognised of the first 1 pairs" in prepare(TrainingConfig.from_mapping(plain))


@pytest.mark.parametrize("last", [0, 1, 3])
def test_interrupted_and_taken_up_it_is_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch, last: int) -> None:
    write_corpus(folder, 400)
    settings = config(folder, {"identical": False}, train=[{"xx": "train.xx", "yy": "train.yy"}] * 2)
    prepare(settings)
    whole = content(folder)
    shutil.rmtree(folder / "prepared")
    write, calls = PartWriter._write, iter(range(100))

    def interrupted(self: PartWriter, full: shard.Shard) -> None:
        if next(calls) > last:
            (self._folder / ".00-xx-yy-00009.safetensors.partial").write_bytes(b"half")
            raise KeyboardInterrupt
        write(self, full)

    with monkeypatch.context() as patch:
        patch.setattr(PartWriter, "_write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prepare(settings)
    with pytest.raises(DataError, match="its preparation was not finished; run `nmt prepare`"):
        opened(settings)
    assert "going on in" in prepare(settings)
    assert {name: found for name, found in content(folder).items() if not name.startswith(".")} == whole


def test_it_is_not_done_twice(folder: Path) -> None:
    settings = config(folder)
    prepare(settings)
    assert "is prepared already" in prepare(settings)


def changes(folder: Path) -> Iterator[tuple[str, TrainingConfig]]:
    yield r"data\.max_length was 100, now it is 9", config(folder, max_length=9)
    yield r"cleaning\.duplicates was false, now it is true", config(folder, {**OFF, "duplicates": True})
    yield (
        r"data\.train was .* now it is ",
        config(folder, train=[{"xx": "train.xx", "yy": "train.yy"}, {"xx": "held.xx", "yy": "held.yy"}]),
    )
    (folder / "train.xx").write_text((folder / "train.xx").read_text().replace("ab", "cd"), encoding="utf-8")
    yield r"the file .*train\.xx has changed", config(folder)


def test_a_folder_that_no_longer_fits_is_kept_until_it_is_to_be_made_anew(folder: Path) -> None:
    prepare(config(folder))
    for message, settings in changes(folder):
        before = content(folder)
        with pytest.raises(DataError, match=rf"no longer fits: {message}.*run `nmt prepare --anew`"):
            opened(settings)
        with pytest.raises(DataError, match=rf"was prepared otherwise: {message}.*replace it with --anew"):
            prepare(settings)
        assert content(folder) == before
        prepare(settings, anew=True)
        opened(settings)
        prepare(config(folder), anew=True)


def test_where_nothing_would_be_lost_it_starts_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("training.preparation.preparation.outcomes", interrupt)
        with pytest.raises(KeyboardInterrupt):
            prepare(config(folder))
    assert "starting anew: data.max_length was 100, now it is 9" in prepare(config(folder, max_length=9))


def test_an_interrupted_replacement_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(config(folder))
    settings = config(folder, max_length=9)
    with monkeypatch.context() as patch:
        patch.setattr(PartWriter, "finish", interrupt)
        with pytest.raises(KeyboardInterrupt):
            prepare(settings, anew=True)
    assert "going on in" in prepare(settings, anew=True)
    opened(settings)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_directions_that_were_not_prepared_are(folder: Path) -> None:
    prepare(config(folder, directions=["xx-yy"]))
    both = config(folder, directions=["xx-yy", "yy-xx"])
    with pytest.raises(DataError, match=r"no longer fits: data\.directions: .*with .*run `nmt prepare --anew`"):
        opened(both)
    prepare(both, anew=True)
    assert opened(both).sizes == (200, 200)


def test_pairs_of_languages_that_a_corpus_was_not_prepared_in_are(folder: Path) -> None:
    some = {"xx": "train.xx", "yy": "train.yy", "zz": "train.yy", "directions": ["xx-yy", "zz-xx"]}
    more = {"xx": "train.xx", "zz": "train.yy"}

    def asked(*directions: str) -> TrainingConfig:
        held_out = {"xx": "held.xx", "yy": "held.yy", "zz": "held.yy"}
        return config(folder, train=[some, more], validation=held_out, directions=directions)

    prepare(asked("xx-yy", "xx-zz"))
    with pytest.raises(DataError, match=r"no longer fits: data\.train\[0\] was not prepared in xx and zz"):
        opened(asked("xx-yy", "zz-xx"))
    prepare(asked("xx-yy", "zz-xx"), anew=True)
    opened(asked("xx-yy", "zz-xx"))


def test_other_held_out_text_is_told_and_left_out(folder: Path) -> None:
    rules = OFF | {"held_out": True}
    prepare(config(folder, rules))
    (folder / "held.xx").write_text((folder / "train.xx").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "held.yy").write_text((folder / "train.yy").read_text(encoding="utf-8"), encoding="utf-8")
    found, report = open_prepared(config(folder, rules), prepared_tokenizer(config(folder, rules)))
    assert len(found) and "data.validation is not what it was when the corpora were prepared" in report
    with pytest.raises(DataError, match="leaves nothing"):
        prepare(config(folder, rules), anew=True)


def test_what_does_not_change_the_shards_may_change(folder: Path) -> None:
    prepare(config(folder))
    weighted = [{"xx": "train.xx", "yy": "train.yy", "weight": 3, "synthetic": "xx"}]
    (folder / "train.xx").touch()
    assert opened(config(folder, train=weighted, directions=["yy-xx", "xx-yy"])).weights == (3.0, 3.0)
    both = config(folder, train=weighted, directions=["yy-xx", "xx-yy"], direction_weights={"xx-yy": 0.5})
    assert opened(both).weights == (3.0, 1.5)
    (folder / "train.yy").unlink()
    assert len(opened(config(folder))) == 400


def test_a_damaged_shard_is_refused_by_its_name_and_written_anew(folder: Path) -> None:
    settings = config(folder)
    prepare(settings)
    before = content(folder)
    path = sorted((folder / "prepared").glob("*.safetensors"))[1]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=f"{path.name} is not whole"):
        opened(settings)
    assert f"starting anew: the shard {path} is not whole" in prepare(settings)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert f"starting anew: the shard {path} is not what was written" in prepare(settings)
    assert content(folder) == before


def test_a_run_with_another_tokenizer_is_refused(folder: Path, tokenizer: SentencePieceTokenizer) -> None:
    settings = config(folder)
    prepare(settings)
    with pytest.raises(DataError, match="prepared with another tokenizer"):
        open_prepared(settings, tokenizer)


def test_cleaning_that_leaves_nothing_says_so(folder: Path) -> None:
    shown = io.StringIO()
    with pytest.raises(DataError, match=r"\[cleaning\] leaves nothing"):
        Preparation(config(folder, {}), Console(file=shown, width=200)).run()
    assert "xx yy: of 200 rows looked at, left out as identical 200" in shown.getvalue()


def test_mistakes_are_said_before_the_work(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.prepared: got None, expected the folder to write"):
        prepare(run_config(folder))
    with pytest.raises(DataError, match=r"data\.prepared: .*nothing is prepared there; run `nmt prepare`"):
        opened(config(folder, prepared=str(folder / "absent")))
    (folder / "train.yy").write_text("one\n")
    with pytest.raises(DataError, match=r"train\.xx has 200, .*train\.yy has 1 lines .*data\.train\[0\]"):
        prepare(config(folder))


def test_a_folder_with_something_else_is_left_alone(folder: Path) -> None:
    (folder / "prepared").mkdir()
    (folder / "prepared" / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(ConfigError, match=r"data\.prepared: .*expected a new folder, an empty one, or one that"):
        prepare(config(folder))
    assert (folder / "prepared" / "model.safetensors").read_bytes() == b"weights"
    assert [path.name for path in (folder / "prepared").iterdir()] == ["model.safetensors"]


@pytest.mark.parametrize("content", ['{"name": "x", "version": "1.0"}', "[]", "{"])
def test_a_manifest_of_something_else_is_left_alone(folder: Path, content: str) -> None:
    (folder / "prepared").mkdir()
    (folder / "prepared" / "manifest.json").write_text(content)
    for anew in (False, True):
        with pytest.raises(DataError, match=r"manifest\.json is not of `nmt prepare`"):
            prepare(config(folder), anew=anew)
    assert (folder / "prepared" / "manifest.json").read_text() == content


def test_a_tokenizer_in_the_folder_itself_may_be_named(folder: Path) -> None:
    before = config(folder)
    prepare(before)
    examples, digest = len(opened(before)), prepared_tokenizer(before).serialized
    named = config(folder, tokenizer=str(folder / "prepared" / "tokenizer.model"))
    prepare(named, anew=True)
    assert prepared_tokenizer(named).serialized == digest
    assert len(opened(named)) == examples


def test_a_preparation_that_left_nothing_says_so_each_time(folder: Path) -> None:
    prepare(config(folder))
    (folder / "prepared" / "tokenizer.model").rename(folder / "given.model")
    settings = config(folder, tokenizer="given.model", max_length=1)
    for language in ("xx", "yy"):
        (folder / f"train.{language}").write_text("more than one piece\n" * 10)
    for anew in (True, False):
        with pytest.raises(DataError, match=r"data\.train leaves nothing to learn from"):
            prepare(settings, anew=anew)
    with pytest.raises(DataError, match=r"data\.train\[0\]: no pair is left in the direction xx-yy: 0 of 10 pairs"):
        opened(settings)


def test_a_file_in_another_encoding_is_suspected(folder: Path) -> None:
    lines = [f"{word} ef{'ä' * (index % 2)}" for index, word in enumerate(["ab", "cd", "ef", "gh"] * 50)]
    (folder / "train.xx").write_text("\n".join(lines) + "\n", encoding="latin-1")
    said = prepare(config(folder, OFF | {"invalid_characters": True}, tokenizer=None))
    assert "data.train[0] xx-yy: 50% of its pairs were left out for" in said


def test_a_report_that_is_gone_is_written_again(folder: Path) -> None:
    settings = config(folder, OFF | {"duplicates": True})
    prepare(settings)
    before = content(folder)
    (folder / "prepared" / "report.md").unlink()
    assert "starting anew" not in prepare(settings)
    assert content(folder) == before


def test_samples_of_what_was_left_out_are_text_alone(folder: Path) -> None:
    hostile = "![x](http://evil.example/p.png) ``<img src=x>"
    for name, line in (("train.xx", hostile), ("train.yy", "")):
        with (folder / name).open("a") as file:
            file.write(f"{line}\n")
    prepare(config(folder))
    assert f": ```'{hostile}'``` | `''`" in (folder / "prepared" / "report.md").read_text()


def test_what_others_put_into_the_folder_stays(folder: Path) -> None:
    prepare(config(folder))
    ours = {path.name for path in (folder / "prepared").iterdir()}
    theirs = ["mine.safetensors", "notes.hashes", ".x.partial"]
    for name in theirs:
        (folder / "prepared" / name).write_text("mine")
    (folder / "prepared" / "dir.safetensors").mkdir()
    prepare(config(folder), anew=True)
    found = {path.name for path in (folder / "prepared").iterdir()}
    assert found == ours | {*theirs, "dir.safetensors"}


def test_what_can_not_be_read_is_not_taken_for_damaged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(config(folder))
    before = content(folder)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr("training.shard.mmap.mmap", refuse)
        for attempt in (opened, prepare):
            with pytest.raises(DataError, match=r"can't read the shard .*Too many open files; `ulimit -n` says how"):
                attempt(config(folder))
    assert content(folder) == before


def test_more_files_may_be_open_for_many_shards(folder: Path) -> None:
    prepare(config(folder))
    shards = len(list((folder / "prepared").glob("*.safetensors")))
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
        allow_open_files(0)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (256, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
        opened(config(folder))
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (256 + shards, most)
        allow_open_files(2**40)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 256
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))


def test_hashes_that_an_interruption_left_are_removed(folder: Path) -> None:
    prepare(config(folder))
    left = folder / "prepared" / "00-xx-yy-00000.hashes"
    left.touch()
    assert "is prepared already" in prepare(config(folder))
    assert not left.exists()


def test_long_lines_make_small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "CHUNK_CHARACTERS", 10)
    pairs = [("ab", "cd"), ("a" * 20, "b"), ("e", "f"), ("g", "h" * 9), ("i", "j")]
    found = list(encoding.chunks(iter(pairs)))
    assert [chunk.first_line for chunk in found] == [1, 3, 5]
    assert [pair for chunk in found for pair in chunk.pairs] == pairs


def test_a_pipe_is_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe.tsv")
    with pytest.raises(DataError, match=r"pipe\.tsv is a pipe, and its lines are read twice"):
        prepare(config(folder, train=[{"file": "pipe.tsv", "columns": ["xx", "yy"]}]))


def test_a_folder_name_that_is_too_long_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.prepared: .*File name too long"):
        prepare(config(folder, prepared=str(folder / ("x" * 300))))
