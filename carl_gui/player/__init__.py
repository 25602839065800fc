"""A player of one video: widget, playback, and what lies over the picture."""
