"""More text from parallel corpora: joined through a pivot, longer, shorter, with other names, as people type."""
