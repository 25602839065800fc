"""Everything a person sees. Qt, and no torch."""
