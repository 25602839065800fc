"""Comparison of objectives and settings: trained over folds and seeds, evaluated in the same way, in one table.

`variants.py` and `grids.py` say what is compared, `folds.py` on which videos, `plan.py` which runs that makes,
`beside.py` which of them says what untrained ones reach; `runs.py` trains and evaluates what is missing, `summary.py`
sums it up. The command is `python -m core.compare`.
"""
