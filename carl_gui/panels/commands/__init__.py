"""What is drawn from the table of commands."""
