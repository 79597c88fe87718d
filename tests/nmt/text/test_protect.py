"""What is found and kept, in real texts and in hostile ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import InputError
from nmt.text.protect import compile_patterns, find_protected

FOUND = [
    ("See https://x.org/a_(b)?c=d, (www.foo.de/x).", ["https://x.org/a_(b)?c=d", "www.foo.de/x"]),
    ("Mail a.b+c@mail.example.org!", ["a.b+c@mail.example.org"]),
    (
        "Call +49 30 123456, +1 (555) 010-9999 or +33/1.23.45.67.89!",
        ["+49 30 123456", "+1 (555) 010-9999", "+33/1.23.45.67.89"],
    ),
    ("Call +49 30 123456. 24 are here. +1 555 010 9999 (24 hours)", ["+49 30 123456", "+1 555 010 9999"]),
    ("+49 (0)30 / 123456, +33\u00a01\u202f23 45 67 89", ["+49 (0)30 / 123456", "+33\u00a01\u202f23 45 67 89"]),
    ("1+123456789, +5 %, +1 or +2, C++ 2011, +1.000.000, +1 000 000, +33 1 23 45 67 89x12", []),
    ("@anna@social.example hi #tag1 #1", ["@anna@social.example", "#tag1"]),
    (
        "{{name}} {0} {count} %s %1$s %(count)d ${x} $foo $5 %%",
        ["{{name}}", "{0}", "{count}", "%s", "%1$s", "%(count)d", "${x}", "$foo", "%%"],
    ),
    ("100% sicher, 5 % discount, 50%", []),
    ("file%s v%d 50%d", ["%s", "%d"]),
    ("In $HOME/a-b/x.txt, {a}/{b}/%s at {price}/month.", ["$HOME/a-b/x.txt", "{a}/{b}/%s", "{price}"]),
    ("You have {n, plural, one {# dog} other {{x} dogs}} {y}", ["{n, plural, one {# dog} other {{x} dogs}}", "{y}"]),
    (
        "{a, select, x {{b, plural, other {c}}} other {}} } {n, plural, {",
        ["{a, select, x {{b, plural, other {c}}} other {}}"],
    ),
    ("Run `make test` now", ["`make test`"]),
    ("```\na\nb\n``` end", ["```\na\nb\n```"]),
    ("<0>Read</0> the <b class='x'>book</b>", ["<0>", "</0>", "<b class='x'>", "</b>"]),
    ("a < b and c > d", []),
    ("one\\ntwo", ["\\n"]),
    (r"C:\new", []),
    ("👨‍👩‍👧 🇩🇪 1️⃣ ❤️ 👍🏽 ©", ["👨‍👩‍👧", "🇩🇪", "1️⃣", "❤️", "👍🏽"]),
    ("Dr. Smith lives at 5.30 e.g. here.", []),
]
HOSTILE = [
    "`",
    "{",
    "<a ",
    "a.b",
    "@a",
    "http://",
    "a@",
    "%(",
    "👨\u200d",
    "#",
    "www.",
    "a-",
    "\\",
    "```",
    "1.",
    "${",
    "#1",
    "[](",
    "$a/",
    "{a}/",
]


@pytest.mark.parametrize(("text", "kept"), FOUND)
def test_what_is_kept(text: str, kept: list[str]) -> None:
    assert [text[one.start : one.end] for one in find_protected(text)] == kept


def test_the_callers_patterns_go_first() -> None:
    text = "See https://x.org/ABC-12 and ABC-34."
    found = find_protected(text, compile_patterns([r"[A-Z]+-\d+", r"x?"[:1]]))
    assert [(text[one.start : one.end], one.kind) for one in found] == [
        ("x", "pattern"), ("ABC-12", "pattern"), ("ABC-34", "pattern")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("[", "no regular expression"),
        ("(?=x)", "no regular expression"),
        (r"(a)\1", "no regular expression"),
        ("\ud800", "no regular expression"),
        ("a*", "matches the empty text"),
        ("a{101}", "counts beyond 100"),
        ("x" * 201, "has 201 characters"),
    ],
)
def test_patterns_that_can_not_be_used_are_named(pattern: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        compile_patterns([pattern])


def test_too_many_patterns_are_refused() -> None:
    with pytest.raises(InputError, match="33 patterns"):
        compile_patterns(["a"] * 33)


@given(st.text(max_size=60), st.lists(st.sampled_from(["a+", r"\d", "[^ ]x"]), max_size=3))
def test_spans_are_disjoint_and_in_order(text: str, patterns: list[str]) -> None:
    text = text.encode(errors="ignore").decode()
    done = 0
    for one in find_protected(text, compile_patterns(patterns)):
        assert done <= one.start < one.end <= len(text)
        done = one.end


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_texts_come_to_an_end(part: str) -> None:
    text = part * (100_000 // len(part))
    assert all(one.end <= len(text) for one in find_protected(text, compile_patterns([r"(\w+\s?)+!"])))
