"""What surrounds sentences: splitting, protected spans, markup, letter case, numbers. Pure text, no model."""
