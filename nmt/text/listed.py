"""Words that stand in code as a text, which reads well."""


def listed(words: str) -> tuple[str, ...]:
    """The words, in their order."""
    return tuple(words.split())


def word_set(words: str) -> frozenset[str]:
    """The words, to be looked up."""
    return frozenset(words.split())
