"""Corpora to a model: everything that `nmt train` does."""
