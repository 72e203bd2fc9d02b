"""Journals: append-only, signed, hash-chained logs, one per process run of a device."""
