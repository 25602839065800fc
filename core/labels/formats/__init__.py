"""Label formats of other programs, one per module; `table.py` lists them all.

Writers take `Labels` and give the same bytes for the same labels. Readers give `ReadLabels`: what the file says, laid
on no video yet, with every problem named. Frames without a label are no background: each format says how it has them.
"""
