"""Where a text may be cut: into sentences, and sentences that are too long into clauses."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import sentencex

from nmt.text.lines import logical_lines
from nmt.text.listed import word_set

WINDOW = 8_000  # characters that the splitter sees at once: its time grows with the square of them
NEAR = 40  # characters around a border that are looked at
INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"  # not white space to Python, and nothing to translate

# Endings after which a name or a number comes, and which the splitter doesn't know.
ABBREVIATIONS = {
    "de": word_set("bzw ca evtl gez inkl exkl mio mrd nr vgl zzgl"),
    "en": word_set("approx ch ed fig no nos p pp ver vol"),
    "es": word_set("d da dr dra dña núm pág sr sra srta"),
    "fr": word_set("av bd cf chap dr fig m me mgr mlle mm mme p pp st ste vol"),
}
# German writes ordinals with a full stop: after "am 3." these begin a sentence, other words go on with it.
GERMAN_BEGINNINGS = word_set(
    "aber alle als auch da dabei damit dann daher danach das deshalb der deswegen die dies diese dieser dieses doch du "
    "ein eine einer er es hier ich ihr im in jetzt man mit nach nun nur ob schon sein seine sie so und viele vor wann "
    "warum was weil wenn wer wie wir wo zu"
)
CONJUNCTIONS = word_set(
    "and but or nor because although while which that if when so "
    "und oder aber denn sondern weil obwohl während dass wenn "
    "et ou mais car donc parce que qui lorsque si "
    "y e o u pero sino porque aunque mientras cuando"
)
INITIAL = re.compile(r"(?<![^\W\d_])[^\W\d_]\.$")
LAST_WORD = re.compile(r"(?<!\w)(\w{1,12})\.$")
FIRST_WORD = re.compile(r"\w{1,20}")
WORD = re.compile(r"\S+")
STRONG = ";:.!?…—–"
STRONG_ANYWHERE = "；：。！？"
WEAK, WEAK_ANYWHERE = ",", "、，،؛"


class Span(NamedTuple):
    """A half-open span of a text, in code points."""

    start: int
    end: int


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit, of any script, in the text."""
    return any(map(str.isalnum, text))


def split_sentences(text: str, language: str, whole: Sequence[tuple[int, int]] = ()) -> list[Span]:
    """The sentences of a text, in order: disjoint, each with words, with no white space at its edges.

    Outside of them are white space, bullets ("- ", "1. ", "# ", "> " and their kind at the beginning of a line) and
    stretches without words, nothing else. A line break is a border unless it was only made to fit a width: the line
    has 40 characters or more and doesn't end a sentence, and the next one has the same indentation, no bullet, and
    goes on in lower case or stands in a paragraph of four lines or more none of which had room for the next word. Such
    a break is inside a span. A border inside one of the `whole` spans (in order, disjoint) is none. A sentence of more
    than 8,000 characters may be cut.

    `language` is a code as in a direction; a region after it (`pt-BR`) is not looked at, and a language that the
    splitter has no rules for is split like a related one, or English. Raises ValueError where the text holds half a
    surrogate pair.
    """
    language = re.split("[-_]", language.lower())[0]
    found = [
        span
        for start, end in logical_lines(text)
        for span in _sentences_of_line(text, start, end, language)
        if has_words(text[span.start : span.end])
    ]
    return _uncut(found, whole)


def split_clauses(text: str, start: int, end: int, whole: Sequence[tuple[int, int]] = ()) -> list[Span]:
    """Two parts of a stretch of text that is too long, of about the same size, to be split again where need be.

    The cut is made in the middle half after ; : . ! ? or a dash, else after a comma, else before a conjunction; else
    at the white space that is nearest to the middle; else at the middle, though not before a combining mark or inside
    an emoji. It is never made inside one of the `whole` spans (in order, disjoint). The parts have no white space at
    their edges, and between them is nothing else. What can't be cut comes back as one part, the stretch without white
    space at its edges (none if there is nothing else).
    """
    stretch = stripped(text, start, end, "")
    if stretch.start == stretch.end:
        return []
    start, end = stretch
    quarter = (end - start) // 4
    starts = [begin for begin, _ in whole]

    def allowed(place: int) -> bool:
        before = bisect_right(starts, place - 1) - 1
        return start < place < end and not (before >= 0 and starts[before] < place < whole[before][1])

    for level, cuts in enumerate(_cuts(text, start, end)):
        nearest = min(filter(allowed, cuts), key=lambda place: abs(2 * place - start - end), default=None)
        if nearest is not None and (level > 2 or start + quarter <= nearest <= end - quarter):
            return [stripped(text, start, nearest, ""), stripped(text, nearest, end, "")]
    return [stretch]


def _cuts(text: str, start: int, end: int) -> Iterator[list[int]]:
    """Places to cut at, level by level: the softest first."""
    words = [match.span() for match in WORD.finditer(text, start, end)]
    gaps = [(end_of_word, begin) for (_, end_of_word), (begin, _) in pairwise(words)]
    for marks, anywhere in ((STRONG, STRONG_ANYWHERE), (WEAK, WEAK_ANYWHERE)):
        cuts = [begin for end_of_word, begin in gaps if text[end_of_word - 1] in marks]
        yield cuts + [place for place in range(start + 1, end) if text[place - 1] in anywhere]
    following = dict(words)
    yield [begin for _, begin in gaps if text[begin : following[begin]].lower() in CONJUNCTIONS]
    yield [begin for _, begin in gaps]
    yield [place for place in range(start + 1, end) if not _joined_to_the_one_before(text, place)]
    yield list(range(start + 1, end))


def _joined_to_the_one_before(text: str, place: int) -> bool:
    here, before = text[place], text[place - 1]
    flag = "\U0001f1e6" <= here <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff"
    tone_or_tag = "\U0001f3fb" <= here <= "\U0001f3ff" or "\U000e0020" <= here <= "\U000e007f"
    return flag or tone_or_tag or "\u200d" in (here, before) or unicodedata.category(here) in ("Mn", "Mc", "Me")


def _sentences_of_line(text: str, start: int, end: int, language: str) -> Iterator[Span]:
    line = re.sub(r"\s", " ", text[start:end])  # line breaks in it are only there to fit a width
    begin = 0
    for place in [*_borders(line, language), len(line)]:
        before, after = line[max(begin, place - NEAR) : place], line[place : place + NEAR]
        if not after or place - begin > WINDOW or not _goes_on(before, after, language):
            yield stripped(text, start + begin, start + place)
            begin = place


def _borders(line: str, language: str) -> Iterator[int]:
    """Where the splitter sees a sentence begin inside the line."""
    begin = 0
    while begin < len(line):
        window = line[begin : begin + WINDOW]
        if begin + WINDOW < len(line) and (space := window.rfind(" ", WINDOW // 2)) > 0:
            window = window[: space + 1]
        ends = _sentence_ends(window, language)
        if begin + len(window) < len(line) and len(ends) > 1 and ends[-2] > WINDOW // 2:
            ends.pop()  # it may go on after the window
        yield from (begin + place for place in ends if begin + place < len(line))
        begin += ends[-1]


def _sentence_ends(window: str, language: str) -> list[int]:
    ends, place = [], 0
    for sentence in sentencex.segment(language, window):
        place += len(sentence)
        ends.append(place)
    assert place == len(window)
    return ends


def _goes_on(before: str, after: str, language: str) -> bool:
    """Whether what the splitter took for two sentences is one."""
    ending = before.rstrip()
    if not ending.endswith("."):
        return False
    if ending == before and not after[0].isspace():  # J.-P., .NET, file.Name
        return True
    word = LAST_WORD.search(ending)
    if word is None:
        return False
    last, following = word[1], FIRST_WORD.match(after.lstrip())
    if last.lower() in ABBREVIATIONS.get(language, ()):
        return True
    if language in ("es", "fr") and INITIAL.search(ending):
        return True
    if len(last) > 2 or not last.isdigit() or following is None:
        return False
    return following[0][0].islower() or (language == "de" and _german_ordinal(following[0], GERMAN_BEGINNINGS))


def _german_ordinal(following: str, beginnings: Collection[str]) -> bool:
    return following[0].isalpha() and following.lower() not in beginnings


def stripped(text: str, start: int, end: int, besides: str = INVISIBLE) -> Span:
    """The span without white space and characters of `besides` at its edges."""
    while start < end and (text[start].isspace() or text[start] in besides):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in besides):
        end -= 1
    return Span(start, end)


def _uncut(spans: Sequence[Span], whole: Sequence[tuple[int, int]]) -> list[Span]:
    """Spans that cut through the same `whole` span become one."""
    result: list[Span] = []
    index = 0
    for span in spans:
        while index < len(whole) and whole[index][1] <= span.start:
            index += 1
        if result and index < len(whole) and whole[index][0] < result[-1].end:
            result[-1] = Span(result[-1].start, span.end)
        else:
            result.append(span)
    return result
