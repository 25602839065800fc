"""Pages of help, one for each page and view of the window, as Markdown; shown without a network."""
