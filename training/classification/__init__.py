"""Labelled texts to a classifier: what `nmt train` does where the file says `task = "classification"`."""
