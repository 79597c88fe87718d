"""What watches the training loop: progress, logs, validation, saving, signals."""
