"""The room board, notes and shift logs as CRDT documents. The only package of the product that knows pycrdt."""
