"""Real processes of the product, driven from outside, and what judges their runs."""
