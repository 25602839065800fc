"""From some labelled spans to the phase of every frame, and what to label next. The command is `__main__.py`.

No torch of its own: folders that `core.embed` wrote are labelled without it.
"""
