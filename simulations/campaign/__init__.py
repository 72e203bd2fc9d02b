"""Worlds by the thousand: drawn from seeds, run on all cores, counted, reduced when they fail."""
