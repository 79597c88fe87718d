from nmt.search.penalty import rank_score


def test_without_alpha_the_log_probability_counts_alone() -> None:
    assert rank_score(-3.5, 7, 0.0) == -3.5


def test_alpha_one_is_the_mean_per_token() -> None:
    assert rank_score(-3.0, 4, 1.0) == -0.75


def test_a_length_of_one_changes_nothing() -> None:
    assert rank_score(-2.0, 1, 3.3) == -2.0


def test_a_larger_alpha_favours_the_longer_of_two() -> None:
    short, long = (-2.0, 2), (-3.0, 4)
    assert rank_score(*short, 0.0) > rank_score(*long, 0.0)
    assert rank_score(*short, 1.0) < rank_score(*long, 1.0)
