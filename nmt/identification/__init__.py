"""What a text is: its language, or any other label, by a recurrent encoder with one prediction."""
