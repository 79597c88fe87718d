"""The special symbols that every vocabulary starts with, defined once."""

PAD, UNK, BOS, EOS = 0, 1, 2, 3
SPECIAL_PIECES = ("<pad>", "<unk>", "<s>", "</s>")


def language_tag(target: str) -> str:
    """The control symbol that asks for translation into `target` (ISO 639-1)."""
    return f"<2{target}>"
