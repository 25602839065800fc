"""Programs of others that read what is written here and write what is read here; run by hand, not by the gate."""
