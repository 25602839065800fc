"""Settings, recipes and schedules: declared once, read from files, checked."""
