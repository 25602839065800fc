"""Qt item models and what several pages show of the same things."""
