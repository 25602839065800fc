"""Features that a fixed backbone or a body pose gives for each frame, computed once and cached."""
