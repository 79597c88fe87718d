"""Ways to run a trained model behind the search's scorer."""
