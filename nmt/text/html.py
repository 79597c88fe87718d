"""HTML as a row of tokens, read as a browser reads it: any text is HTML, and nothing of it is lost.

The standard library's parser takes a time that grows with the square of the length on some broken input ("<a <a <a");
this one looks at each character a bounded number of times.
"""

# Spans are half-open, in code points.

import html
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

TokenKind = Literal["text", "open", "close", "whole"]

# How a browser reads attributes. A value whose quote never ends is none, and its tag ends at the next ">".
_NAME = re.compile(r"</?([a-zA-Z][^ \t\n\r\f/>]*+)")
_ATTRIBUTE = re.compile(
    r"[ \t\n\r\f/]*+([^ \t\n\r\f/>][^ \t\n\r\f/>=]*+)"
    r"(?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:\"([^\"]*+)\"|'([^']*+)'|(?![\"'])([^ \t\n\r\f>]++)))?+"
)
_TAG = re.compile(rf"{_NAME.pattern}(?>{_ATTRIBUTE.pattern})*+[ \t\n\r\f/]*+>")
_MARKUP = re.compile(r"</?[a-zA-Z]|<[!?]|</[^a-zA-Z]")
_COMMENT_END = re.compile(r"(?<=<!--)-?>|--!?>")
_REFERENCE = re.compile(r"&(?:#[0-9]++|#[xX][0-9a-fA-F]++|[a-zA-Z][a-zA-Z0-9]{0,40}+);?")
_LONGEST_NUMBER = 12  # characters of a numeric reference; longer ones name no character
_RAW = {
    name: re.compile(rf"</{name}(?=[ \t\n\r\f/>])", re.IGNORECASE)
    for name in ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
}
FOREIGN = frozenset({"math", "svg"})
COMMENT = "!"
"""The name of comments, declarations and processing instructions."""


class Token(NamedTuple):
    """A stretch of HTML: `text`, an opening or closing tag, or what has no parts: a comment, a script.

    `name` is the element's, in lower case, COMMENT for comments and the like, empty for text.
    """

    kind: TokenKind
    start: int
    end: int
    name: str = ""


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of `text`, in order; joined they are the text, and none is empty.

    A `<` that begins nothing is text. A comment or tag that never ends reaches to the end of the text. Elements whose
    content is no markup (`script`, `style`, `textarea` ...) are one token, but for `title`, which holds text.
    """
    done = place = depth = 0
    last_cdata = text.rfind("]]>")
    while found := _MARKUP.search(text, place):
        start = found.start()
        if text.startswith("</>", start):
            token = Token("whole", start, start + 3, COMMENT)
        elif text[start + 1] in "!?" or not (named := _NAME.match(text, start)):
            token = Token("whole", start, _comment_end(text, start, last_cdata), COMMENT)
        else:
            token = _tag(text, start, named.group(1).lower(), in_foreign=depth > 0)
        if done < start:
            yield Token("text", done, start)
        if token.name in FOREIGN and not text.endswith("/>", start, token.end):
            depth = max(0, depth + {"open": 1, "close": -1}.get(token.kind, 0))
        yield token
        place = done = token.end
        if token.name == "title" and token.kind == "open":
            closing = _RAW["title"].search(text, done)
            place = closing.start() if closing else len(text)
    if done < len(text):
        yield Token("text", done, len(text))


def attributes(tag: str) -> dict[str, str]:
    """Names, in lower case, and values of an opening tag's attributes; references are left as they are."""
    name = _NAME.match(tag)
    found = _ATTRIBUTE.finditer(tag, name.end() if name else 0, len(tag) - 1)
    pairs = [(one[1].lower(), one[2] or one[3] or one[4] or "") for one in found]
    return dict(reversed(pairs))  # of doubles the first counts


def references(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Character references such as `&amp;` and what they stand for, where that is known."""
    for found in _REFERENCE.finditer(text, start, end):
        is_number = found[0][1] == "#"
        said = "\ufffd" if is_number and len(found[0]) > _LONGEST_NUMBER else html.unescape(found[0])
        if said != found[0]:
            yield *found.span(), said


def _tag(text: str, start: int, name: str, *, in_foreign: bool) -> Token:
    found = _TAG.match(text, start)
    if not found:
        return Token("whole", start, len(text), COMMENT)
    end = found.end()
    if text[start + 1] == "/":
        return Token("close", start, end, name)
    if name == "plaintext":
        return Token("whole", start, len(text), name)
    if name not in _RAW or name == "title" or (in_foreign and text[end - 2] == "/"):
        return Token("open", start, end, name)
    closing = _RAW[name].search(text, end)
    if closing and (tag := _TAG.match(text, closing.start())):
        return Token("whole", start, tag.end(), name)
    return Token("whole", start, len(text), name)


def _comment_end(text: str, start: int, last_cdata: int) -> int:
    """Where what begins with `<!`, `<?` or a nameless `</` ends."""
    if text.startswith("<!--", start):
        found = _COMMENT_END.search(text, start + 4)
        return found.end() if found else len(text)
    if text.startswith("<![CDATA[", start) and start < last_cdata:
        return text.index("]]>", start) + 3
    end = text.find(">", start)
    return end + 1 if end >= 0 else len(text)
