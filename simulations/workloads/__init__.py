"""Workloads: what hotels are asked to do, read from the real data set or generated from a seed. Pure."""
