"""The sound of videos: decoded on their clock, slowed, and drawn."""
