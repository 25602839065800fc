"""Drawing with Pillow and matplotlib: canvas, text, sheets, charts."""
