"""An approximate index over packed embeddings, for libraries that are too large to be read at every search.

It only proposes frames: which of them are results, and in which order, is decided exactly (`core.search.frames`). Made
by `python -m core.index`; lies in the folder `index` of the packed folder:

index.json            which files it covers, how it was trained, and how much of the exact results it finds
trained.faiss         the centres of the lists and the code book, trained on a sample
shards/NAME-STATE.npy the entries of one file of frames, sorted by list; written once, never changed
merged-STATE.lists    the entries of all shards, list by list; memory-mapped by the search
"""
