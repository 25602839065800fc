"""A project on disk: one folder with video names, labels, phases and notes, and the history of edits."""
