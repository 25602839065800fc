"""How two embedded videos correspond."""
