"""The nearest of several translations."""

from hypothesis import given
from hypothesis import strategies as st

from nmt.evaluation.nearest import Nearest

WORDS = st.lists(st.sampled_from(list("abcde")), max_size=8).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=4), WORDS.filter(bool), st.integers(0, 4))
def test_the_reference_itself_is_nearest(translations: list[str], reference: str, place: int) -> None:
    translations.insert(place, reference)
    assert translations[Nearest()(translations, reference)] == reference


def test_the_first_is_taken_where_several_are_equally_near() -> None:
    assert Nearest()(["a", "b", "c"], "d e f") == 0
    assert Nearest()(["a b", "a c b", "a c b"], "a c b d") == 1


def test_orders_that_a_short_sentence_lacks_do_not_count() -> None:
    assert Nearest()(["no, never", "yes!"], "yes.") == 1
