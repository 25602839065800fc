"""Qt item models: data as views ask for it. They know no widget."""
