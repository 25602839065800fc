"""The view of the map."""
