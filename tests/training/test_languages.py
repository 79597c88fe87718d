"""Files in the wrong place are suspected."""

from pathlib import Path

from training.corpus_files import CorpusFiles
from training.languages import suspicions

TEXTS = {
    "en": "The dog runs slowly across the green field.\nWe talked to each other for a long time yesterday.\n",
    "de": "Der Hund läuft langsam über die grüne Wiese.\nWir haben gestern lange miteinander gesprochen.\n",
    "xx": "Le chien court lentement dans le champ vert.\nNous avons longtemps parlé hier soir.\n",
}


def corpus(folder: Path, **files: str) -> CorpusFiles:
    for language, text in TEXTS.items():
        (folder / language).write_text(text, encoding="utf-8")
    return CorpusFiles.parse(files, "data.train[0]", folder)


def test_swapped_files_are_suspected(tmp_path: Path) -> None:
    found = list(suspicions([corpus(tmp_path, en="de", de="en")]))
    assert [message.rpartition(":")[0] for message in found] == [
        "data.train[0]: of the first 2 texts given as 'en' 2 look like 'de'",
        "data.train[0]: of the first 2 texts given as 'de' 2 look like 'en'",
    ]


def test_what_is_right_or_unknown_is_not(tmp_path: Path) -> None:
    assert list(suspicions([corpus(tmp_path, en="en", de="de"), corpus(tmp_path, xx="xx", en="en")])) == []
