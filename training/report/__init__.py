"""How training went, as one HTML page: curves, samples with their attention, scores, configuration."""
