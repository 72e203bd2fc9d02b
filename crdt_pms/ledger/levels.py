"""Levels of meaning: what a version of the program may write (design: new meaning follows a raise of the property's level)."""

from __future__ import annotations

from typing import Final

LEVEL: Final = 1
"""The highest level that this version understands. An entry carries the level by which it is to be judged."""
