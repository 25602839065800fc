"""The page Explore; a folder for each of its views."""
