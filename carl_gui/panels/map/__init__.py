"""The view of the map: all frames as points, and what is said of them."""
