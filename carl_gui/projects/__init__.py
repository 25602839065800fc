"""Projects: the start page, opening, closing, and where they lie."""
