"""A page that sets systems side by side: one file, which needs nothing but a browser."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from nmt.cli.reports import Report
from nmt.cli.sentences import with_differences
from nmt.errors import InputError
from nmt.files import replace_file

PAGE = Path(__file__).parent / "page"


def check_page(path: Path, read: Iterable[Path]) -> None:
    """Raise InputError where a page can't be written to `path`, or is among the files that are `read`.

    Called before the work for the page is done.
    """
    if path.is_dir():
        raise InputError(f"can't write {path}: it is a folder; expected the name of a file")
    if not path.parent.is_dir():
        raise InputError(f"can't write {path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"can't write {path}: the folder {path.parent} can't be written to")
    if path.exists() and any(path.samefile(one) for one in read if one.exists()):
        raise InputError(f"{path} is read: give --html another file")


def write_page(path: Path, report: Report) -> None:
    """Raises InputError where the file can't be written."""
    try:
        replace_file(path, page_of(report).encode(errors="backslashreplace"))
    except OSError as error:
        raise InputError(f"can't write {path}: {error.strerror or error}") from None


def page_of(report: Report) -> str:
    """HTML with all of the report, style and script included; nothing in it is fetched from elsewhere."""
    record = report.record(sentences=True)
    for one in record["tests"]:
        one["sentence_results"] = [with_differences(sentence) for sentence in one["sentence_results"]]
    page = (PAGE / "comparison.html").read_text(encoding="utf-8")
    for mark, file in {"/*style*/": "comparison.css", "/*script*/": "comparison.js"}.items():
        page = page.replace(mark, (PAGE / file).read_text(encoding="utf-8"))
    before, after = page.split("/*data*/")
    return before + _in_script(record) + after


def _in_script(record: object) -> str:
    """JSON that no text in it can end a script element with, or open a comment."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
