"""The science and the project's data. No Qt."""
