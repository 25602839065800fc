"""Damaged inputs by the thousand: seeds and mutators, never the files themselves (CONTRIBUTING.md, Fuzzing)."""
