"""How good an encoder is on a labelled data set, and what the same figures are worth without training.

`representations.py` makes what is compared, `protocols.py` says which figures are taken, `figures.py` takes them,
`tables.py` writes them down. The command is `python -m core.evaluate`.
"""
