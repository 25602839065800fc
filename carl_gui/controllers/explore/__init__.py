"""The step Explore: which encoder and videos, and the views of them."""
