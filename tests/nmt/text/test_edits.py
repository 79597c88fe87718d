"""Edits, the maps between old and new text, and their composition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.edits import Edit, Edited, edit

TEXTS = st.text(alphabet="abc <>&ß\U0001f600", max_size=12)


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    """Edits that don't overlap, in any order."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return draw(st.permutations([Edit(start, end, draw(st.text("XYZ", max_size=3))) for start, end in pairs]))


@st.composite
def edited(draw: st.DrawFn) -> Edited:
    text = draw(TEXTS)
    result = edit(text, draw(edits_of(text)))
    for _ in range(draw(st.integers(0, 2))):
        result = result.then(draw(edits_of(result.text)))
    return result


def spans(length: int) -> list[tuple[int, int]]:
    return [(start, end) for start in range(length + 1) for end in range(start, length + 1)]


def flipped(one: Edited) -> Edited:
    return Edited(one.text, one.original, tuple((new, old) for old, new in one.pieces))


@given(st.data())
def test_edits_give_the_text_that_simple_replacing_from_the_end_gives(data: st.DataObject) -> None:
    text = data.draw(TEXTS)
    edits = data.draw(edits_of(text))
    expected = text
    indexed = sorted(enumerate(edits), key=lambda pair: (pair[1].start, pair[1].end, pair[0]))
    for _, change in reversed(indexed):
        expected = expected[: change.start] + change.replacement + expected[change.end :]
    assert edit(text, edits).text == expected


@given(edited())
def test_pieces_are_in_order_and_all_else_is_the_same(result: Edited) -> None:
    old = new = 0
    for (old_start, old_end), (new_start, new_end) in result.pieces:
        assert old <= old_start <= old_end and new <= new_start <= new_end
        assert (old_start, new_start) != (old_end, new_end)
        assert result.original[old:old_start] == result.text[new:new_start]
        old, new = old_end, new_end
    assert result.original[old:] == result.text[new:]


@given(edited())
def test_untouched_text_maps_exactly(result: Edited) -> None:
    touched = {place for (start, end), _ in result.pieces for place in range(start, end)}
    inner = {start for (start, end), _ in result.pieces}
    for start, end in spans(len(result.original)):
        if start < end and not touched & set(range(start, end)) and not inner & set(range(start + 1, end)):
            there = result.forward(start, end)
            assert result.text[slice(*there)] == result.original[start:end]
            assert result.back(*there) == (start, end)


@given(edited())
def test_there_and_back_loses_nothing_but_what_was_inserted_at_the_edges(result: Edited) -> None:
    for one in (result, flipped(result)):
        gone = {place for (start, end), new in one.pieces if new[0] == new[1] for place in range(start, end)}
        for start, end in spans(len(one.original)):
            there = one.forward(start, end)
            assert 0 <= there[0] <= there[1] <= len(one.text)
            back = one.back(*there)
            assert set(range(start, end)) - gone <= set(range(*back))
            if there[0] == there[1]:
                assert back[0] <= start and end <= back[1]


@given(edited())
def test_a_span_that_touches_a_piece_gets_all_of_it_and_a_larger_span_no_less(result: Edited) -> None:
    for start, end in spans(len(result.original)):
        there = result.forward(start, end)
        for (old_start, old_end), (new_start, new_end) in result.pieces:
            if max(start, old_start) < min(end, old_end):
                assert there[0] <= new_start and new_end <= there[1]
        if start < end:
            wider = result.forward(max(0, start - 1), min(len(result.original), end + 1))
            assert wider[0] <= there[0] and there[1] <= wider[1]


@given(edited())
def test_back_is_forward_the_other_way_round(result: Edited) -> None:
    for span in spans(len(result.text)):
        assert result.back(*span) == flipped(result).forward(*span)


@given(st.data())
def test_composition_maps_no_narrower_than_both_steps(data: st.DataObject) -> None:
    text = data.draw(TEXTS)
    first = edit(text, data.draw(edits_of(text)))
    later = data.draw(edits_of(first.text))
    second, both = edit(first.text, later), first.then(later)
    assert (both.original, both.text) == (text, second.text)
    for span in spans(len(text)):
        if span[0] < span[1] and first.forward(*span)[0] < first.forward(*span)[1]:
            steps, once = second.forward(*first.forward(*span)), both.forward(*span)
            assert once[0] <= steps[0] and steps[1] <= once[1]


def test_markup_taken_out_and_put_back() -> None:
    result = edit("<p>Fish &amp; chips</p>", [Edit(0, 3, ""), Edit(8, 13, "&"), Edit(19, 23, "")])
    assert result.text == "Fish & chips"
    assert result.back(0, 12) == (3, 19)
    assert result.back(5, 6) == (8, 13)
    assert result.forward(10, 11) == (5, 6)
    assert result.back(0, 0) == (0, 3)
    assert result.forward(1, 2) == (0, 0)


def test_a_letter_that_becomes_two_maps_as_a_whole() -> None:
    result = edit("STRASSE", [Edit(4, 6, "ß")])
    assert result.text == "STRAßE"
    assert result.forward(5, 7) == (4, 6) and result.back(4, 5) == (4, 6)


def test_several_insertions_at_one_place_keep_their_order_and_go_before_a_replacement() -> None:
    result = edit("ab", [Edit(1, 2, "B"), Edit(1, 1, "<i>"), Edit(1, 1, "<b>")])
    assert result.text == "a<i><b>B"
    assert result.forward(1, 1) == (1, 7)
    assert result.forward(1, 2) == (7, 8)


def test_no_edits_change_nothing() -> None:
    assert edit("abc", []) == Edited("abc", "abc") == edit("abc", [Edit(1, 1, "")])


@pytest.mark.parametrize(
    "edits",
    [[Edit(0, 2, "x"), Edit(1, 3, "y")], [Edit(0, 3, "x"), Edit(1, 1, "y")], [Edit(2, 4, "")], [Edit(2, 1, "")]],
)
def test_edits_that_overlap_or_lie_outside_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match=r"overlaps|outside"):
        edit("abc", edits)


@pytest.mark.parametrize("span", [(-1, 0), (2, 1), (0, 4)])
def test_spans_outside_the_text_are_refused(span: tuple[int, int]) -> None:
    result = edit("abc", [])
    for across in (result.forward, result.back):
        with pytest.raises(ValueError, match="span"):
            across(*span)
