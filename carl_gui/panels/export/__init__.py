"""What can be taken out of a project."""
