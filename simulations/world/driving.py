"""Runs the product's asynchronous calls where nothing ever waits."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def now(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that has everything at hand. RuntimeError when it waits for something after all."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise RuntimeError("a simulated node waited: in virtual time it would wait for ever")
