"""Qt item models and other data for views. They know no widgets."""
