"""The outside judge of a finished run: reads every node's tables and recomputes them with none of the product's code."""
