"""Evaluation of an encoder on a labelled data set, next to untrained baselines.

`representations.py` makes what is compared, `protocols.py` says which figures are taken, `figures.py` takes them,
`tables.py` writes them down. The command is `python -m core.evaluate`.
"""
