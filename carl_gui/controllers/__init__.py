"""Controllers, which connect panels to data."""
