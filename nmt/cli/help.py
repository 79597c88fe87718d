"""Docstrings as help that fits a terminal of any width."""

import inspect
from collections.abc import Callable


def help_of(command: Callable[..., object]) -> str:
    """The help text in the docstring of `command`."""
    return help_text(inspect.getdoc(command) or "")


def help_text(docstring: str) -> str:
    """Paragraphs as one line each, to be wrapped; one with an indented line stays as it is. Brackets are text."""
    return "\n\n".join(map(_paragraph, docstring.replace("[", "\\[").split("\n\n")))


def _paragraph(text: str) -> str:
    if any(line.startswith(" ") for line in text.splitlines()):
        return "\b\n" + text
    return " ".join(text.split())
