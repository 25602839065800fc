"""Videos whose alignment is known, and what aligns them.

The parts of `alignment.py`, `partial_pairs.py` and `alignability.py`:
`material.py` has features and trainings, each made once and kept; `ways.py` the rows of every table; `tables.py` the
figures and the Markdown. One file for each data set: what it knows of its videos, and how an alignment is judged by it.
Only what `core` has had since commit eb20b2a is imported, so that an older commit is measured by the same protocol.
"""
