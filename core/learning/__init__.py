"""Training: data, loop, validation, the folder of a run."""
