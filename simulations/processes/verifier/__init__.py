"""The outside judge of a finished run: reads every node's tables and recomputes what they must say, with none of the product's code."""
