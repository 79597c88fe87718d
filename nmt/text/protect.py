"""What of a text must come back as it is: addresses, placeholders, code, emoji, and what the caller names."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import re2

from nmt.errors import InputError

Kind = Literal[
    "url", "email", "phone", "mention", "placeholder", "code", "tag", "break", "emoji", "pattern", "markup", "name"
]
Patterns: TypeAlias = Sequence[Any]
"""Compiled patterns of a caller."""

MOST_PATTERNS, MOST_CHARACTERS, MOST_TIMES = 32, 200, 100
_MEMORY_BYTES = 1 << 18  # of one compiled pattern
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")


class Protected(NamedTuple):
    """A half-open span, in code points, and what is there.

    "tag" is a tag in plain text, "break" an escaped line break (a backslash and an n), "pattern" what the caller named,
    "markup" an element of HTML that is kept, "name" one that the model has not learnt.
    """

    start: int
    end: int
    kind: Kind

    @property
    def is_word(self) -> bool:
        """Whether it is a word of the sentence like others, with white space as the language has it."""
        return self.kind == "name"


_PICTURE = (
    "[\U0001f000-\U0001f0ff\U0001f10d-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
    "\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u25fd\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c"
    "\u2b50\u2b55\u3030\u303d\u3297\u3299]"
)
_ONE_EMOJI = f"(?:{_PICTURE}|[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u25aa-\u25fe](?=\ufe0f))" + (
    "\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*+"
)
_VARIABLE = r"\$\{[^{}\n]{1,100}\}|(?<!\w)\$[A-Za-z_]\w*+"
_PLACEHOLDER = (
    rf"{_VARIABLE}|\{{\{{[^{{}}\n]{{1,100}}\}}\}}|\{{[\w.:,%#!\[\]-]{{0,60}}\}}"
    r"|%%|%\(\w{1,60}\)[-+ #0]*+\d{0,4}(?:\.\d{1,4})?[a-zA-Z]"
    r"|(?<!\d)%(?:\d{1,2}\$)?[-+#0]{0,4}\d{0,4}(?:\.\d{1,4})?[sdifuxXeEgGcoq@](?!\w)"
)
_PHONE_GAP = r"(?:[ \u00a0\u202f./-]|[ \u00a0\u202f]?\((?=\d{1,4}\))|\)[ \u00a0\u202f]?| / |\) / )?"
_AMOUNT = r"\d{1,3}(?:[. \u00a0\u202f]\d{3}){2,3}(?![. \u00a0\u202f]?\d)"
_FOUND = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in {
            "url": r"""(?:\b(?:https?|ftp)://|\bwww\.)[^\s<>"`{}|\\^]++"""
            r"|(?<![\w@.-])(?:[a-zA-Z0-9-]{1,63}\.){1,8}(?:com|org|net|info|eu|io|dev|app|edu|gov|de|fr|es|uk)\b"
            r"""(?:/[^\s<>"`{}|\\^]*+)?(?![\w@])""",
            "email": r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
            "phone": rf"(?<![\w+])\+(?!{_AMOUNT})\d(?:{_PHONE_GAP}\d){{6,14}}+(?!\w)",
            "mention": r"(?<![\w@/.])@\w{1,64}(?:@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})?|(?<![\w&/#])#(?=\d*+[^\W\d])\w++",
            "code": r"`[^`\n]++`",
            "placeholder": rf"(?:{_VARIABLE})(?:/(?:{_PLACEHOLDER}|[\w-]++(?:\.[\w-]++)*+))*+"
            rf"|(?:{_PLACEHOLDER})(?:/(?:{_PLACEHOLDER}))*+",
            "tag": r"</?(?:\d{1,4}|[A-Za-z][\w:-]{0,40}(?:\s[^<>]{0,400})?)/?>",
            "break": r"(?<![:\\])(?:\\r)?(?:\\n|\\t)",
            "emoji": f"[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_ONE_EMOJI}(?:\u200d{_ONE_EMOJI})*+",
        }.items()
    )
)
_CLOSERS = {")": "(", "]": "["}
_ENDINGS = ".,;:!?'\"»”’…*_"
_FENCE = "```"
_BRACE = re.compile("[{}]")
_BRANCHES = re.compile(r"\{\s{0,9}\w{1,60}\s{0,9},\s{0,9}(?:plural|select|selectordinal)\s{0,9},")


def compile_patterns(patterns: Sequence[str]) -> Patterns:
    """The caller's regular expressions, ready to be searched for in a time that grows with the text alone.

    Their syntax is that of RE2: no look-around, no back-references. Raises InputError for a pattern that is malformed,
    matches the empty text, has more than MOST_CHARACTERS characters or counts beyond MOST_TIMES, and for more than
    MOST_PATTERNS of them.
    """
    if len(patterns) > MOST_PATTERNS:
        raise InputError(f"got {len(patterns)} patterns to protect, expected at most {MOST_PATTERNS}")
    return [_compiled(pattern) for pattern in patterns]


def find_protected(text: str, patterns: Patterns = ()) -> list[Protected]:
    """What is protected, in order, disjoint. The caller's patterns go first, then code, then messages with branches,
    then what begins first."""
    found: list[Protected] = []
    for pattern in patterns:
        spans = (match.span() for match in pattern.finditer(text))
        found = merged(found, [Protected(start, end, "pattern") for start, end in spans if start < end])
    found = merged(found, list(_fenced(text)))
    found = merged(found, list(_messages(text)))
    return merged(found, list(_known(text)))


def _compiled(pattern: str) -> Any:
    if len(pattern) > MOST_CHARACTERS:
        raise InputError(f"the pattern {pattern[:40]!r}… has {len(pattern)} characters, at most {MOST_CHARACTERS}")
    if any(int(number) > MOST_TIMES for match in _COUNT.finditer(pattern) for number in match.groups() if number):
        raise InputError(f"the pattern {pattern!r} counts beyond {MOST_TIMES}")
    options = re2.Options()
    options.max_mem, options.log_errors = _MEMORY_BYTES, False
    try:
        compiled = re2.compile(pattern, options)
        matches_nothing = compiled.search("") is not None
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise InputError(f"the pattern {pattern!r} is no regular expression of RE2's: {reason}") from None
    if matches_nothing:
        raise InputError(f"the pattern {pattern!r} matches the empty text, expected one that needs a character")
    return compiled


def merged(found: Sequence[Protected], more: Sequence[Protected]) -> list[Protected]:
    """Both in order, without those of `more` that overlap one of `found`. Each is in order and disjoint."""
    result: list[Protected] = []
    index = 0
    for one in more:
        while index < len(found) and found[index].end <= one.start:
            result.append(found[index])
            index += 1
        if index == len(found) or one.end <= found[index].start:
            result.append(one)
    return [*result, *found[index:]]


def _fenced(text: str) -> Iterator[Protected]:
    """Blocks between ``` and ```."""
    start = text.find(_FENCE)
    while start >= 0:
        end = text.find(_FENCE, start + len(_FENCE))
        if end < 0:
            return
        yield Protected(start, end + len(_FENCE), "code")
        start = text.find(_FENCE, end + len(_FENCE))


def _messages(text: str) -> Iterator[Protected]:
    """ICU messages that have branches, `{count, plural, one {a dog} other {# dogs}}`: the outermost ones, whole."""
    opened: list[int] = []
    found: list[Protected] = []
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif opened and _BRANCHES.match(text, start := opened.pop()):
            while found and found[-1].start > start:
                found.pop()
            found.append(Protected(start, brace.end(), "placeholder"))
    yield from found


def _known(text: str) -> Iterator[Protected]:
    for match in _FOUND.finditer(text):
        kind: Any = match.lastgroup
        start, end = match.span()
        if kind == "url":
            end = _address_end(text, start, end)
        yield Protected(start, end, kind)


def _address_end(text: str, start: int, end: int) -> int:
    """Where an address ends, without the punctuation of the sentence and brackets that were opened before it."""
    opened = {opener: text.count(opener, start, end) for opener in _CLOSERS.values()}
    closed = {opener: text.count(closer, start, end) for closer, opener in _CLOSERS.items()}
    while end > start + 1:
        last = text[end - 1]
        if last in _CLOSERS and closed[_CLOSERS[last]] > opened[_CLOSERS[last]]:
            closed[_CLOSERS[last]] -= 1
        elif last not in _ENDINGS:
            break
        end -= 1
    return end
