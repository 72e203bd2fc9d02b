"""Times as people read them: since the run began, in findings and in transcripts alike."""

from __future__ import annotations


def elapsed(milliseconds: int) -> str:
    """A span of time as days, hours, minutes, seconds, in columns."""
    seconds, rest = divmod(milliseconds, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days:>2}d {hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
