"""The samples on the page: a card for each sentence, with its translations and where they looked."""

from collections.abc import Callable, Iterable, Sequence
from html import escape

from training.report.changes import changes
from training.report.elements import joined, named, tag
from training.report.record import Record
from training.report.samples import Attention, History, Sentence, Version

Place = Callable[[Attention], int]
"""Keeps a matrix for the page and gives its number."""


def samples(histories: Sequence[History], place: Place) -> str:
    """The sentences of one run, each with its translations over time."""
    if not histories:
        return ""
    cards = (_card(history, _versions(history), _maps(history, place), opened=index == 0)
             for index, history in enumerate(histories))  # fmt: skip
    note = "Each translation with the steps of the validations that gave it. What is new since the one above is marked."
    return _sample_section(note, cards)


def compared_samples(records: Sequence[Record], histories: Sequence[Sequence[History]], place: Place) -> str:
    """Each sentence with the translation of every run that has it, at that run's best validation; shared ones first."""
    having: dict[Sentence, list[tuple[int, History, str]]] = {}
    for run, found in enumerate(histories):
        for history in found:
            if history.best_text is not None:
                having.setdefault(history.sentence, []).append((run, history, history.best_text))
    cards: list[str] = []
    for theirs in sorted(having.values(), key=len, reverse=True):
        start, shown, first = theirs[0]
        lines = [
            f'<li><span class="who">{named(records[run], run)}</span>'
            f'<span dir="auto">{_marked(None if run == start else first, text)}</span></li>'
            for run, _, text in theirs
        ]
        maps = [_map(records[run].name, attention, place) for run, history, _ in theirs for attention in history.best]
        cards.append(_card(shown, f'<ol class="versions">{joined(lines)}</ol>', maps, opened=not cards))
    note = "Translations at the best validation of each run. What differs from the first one is marked."
    return _sample_section(note, cards) if cards else ""


def _sample_section(note: str, cards: Iterable[str]) -> str:
    switch = '<label class="switch"><input type="checkbox" id="removed"> Show what was removed</label>'
    return (
        '<section id="samples" aria-labelledby="samples-title"><div class="section-top">'
        f'<h2 id="samples-title">Samples</h2>{switch}</div><p class="faint hint">{note}</p>'
        f'<div class="samples">{joined(cards)}</div></section>'
    )


def _card(history: History, inner: str, maps: Sequence[str], opened: bool) -> str:
    direction, source, reference = history.sentence
    given, _, wanted = direction.partition("-")
    terms = [(f"Source{tag(direction)}", _text(source, given))]
    if reference:
        terms.append(("Reference", _text(reference, wanted)))
    pairs = "".join(f'<dt>{name}</dt><dd dir="auto">{text}</dd>' for name, text in terms)
    pictures = (
        f'<details class="attention"{" open" if opened else ""}><summary>Attention</summary>'
        f'<div class="maps">{joined(maps)}</div></details>'
        if maps
        else ""
    )
    return f'<article class="card sample"><dl>{pairs}</dl>{inner}{pictures}</article>'


def _versions(history: History) -> str:
    lines, before = [], None
    for version in history.versions:
        best = tag("best") if version.is_best else ""
        lines.append(
            f'<li><span class="when">{_when(version)}{best}</span>'
            f'<span dir="auto">{_marked(before, version.text)}</span></li>'
        )
        before = version.text
    left_out = (
        f'<p class="faint hint">{history.left_out:,} more translations are left out.</p>' if history.left_out else ""
    )
    return f'<ol class="versions">{joined(lines)}</ol>{left_out}'


def _when(version: Version) -> str:
    first, last = version.first_step, version.last_step
    return f"{first:,}" if first == last else f"{first:,} – {last:,}"


def _marked(before: str | None, text: str) -> str:
    if before is None:
        return escape(text) or "<i>nothing</i>"
    names = {"kept": "{}", "added": "<ins>{}</ins>", "removed": "<del>{}</del>"}
    return "".join(_outside(piece.text, names[piece.kind]) for piece in changes(before, text))


def _outside(text: str, form: str) -> str:
    """The text in its form, the spaces before it outside of that."""
    words = text.lstrip()
    return escape(text[: len(text) - len(words)]) + (form.format(escape(words)) if words else "")


def _maps(history: History, place: Place) -> list[str]:
    parts = [("Best validation", history.best), ("Last validation", history.last)]
    if history.best_is_last:
        parts = [("Last validation, which is the best", history.last)]
    return [_map(name, attention, place) for name, found in parts for attention in found]


def _map(name: str, attention: Attention, place: Place) -> str:
    return f'<div class="map" data-map="{place(attention)}"><h4>{escape(name)}</h4></div>'


def _text(text: str, language: str) -> str:
    return f'<span lang="{escape(language)}">{escape(text)}</span>' if language else escape(text)
