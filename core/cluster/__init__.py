"""Embed videos on a cluster that runs Ray (docs/cluster.md); only its driver and its workers import Ray."""
