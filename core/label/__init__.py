"""Predict the phase of every frame from some labels, and suggest what to label next. The command is `__main__.py`.

No torch of its own: folders that `core.embed` wrote are labelled without it.
"""
