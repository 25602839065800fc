"""Jobs: what starts them, takes them up again and shows them."""
