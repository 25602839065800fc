"""The view of a search: the query, its hits, what they are chosen by, and earlier searches."""
