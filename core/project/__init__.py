"""A project on disk: one folder with its videos' names, labels, phases and notes, and the history of their edits."""
