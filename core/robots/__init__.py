"""Data sets of robot learning: LeRobot's, read and annotated."""
