"""What keeps the judge from judging. A run that cannot be read is never taken for one without violations.

JudgeError
├── RecordUnreadable   the run record is missing, damaged, or names what it does not list
└── NodeUnreadable     a node's database, or the property file, cannot be read or holds nothing of the property
"""

from __future__ import annotations


class JudgeError(Exception):
    """Base of everything that ends a verification without a verdict."""


class RecordUnreadable(JudgeError):
    """The run record cannot be used; the text says what is wrong with it."""


class NodeUnreadable(JudgeError):
    """A node's state cannot be read; the text names the node and the reason."""
