"""The `nmt` command."""

from nmt.cli.app import main

__all__ = ["main"]
