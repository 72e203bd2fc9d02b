"""Runs a process's main coroutine so that what an operator can mend reaches the command line alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar, TypeVarTuple

import anyio

from crdt_pms.runtime.errors import OperatorError

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


def run(main: Callable[[*Arguments], Awaitable[Result]], *arguments: *Arguments) -> Result:
    """The result of `main`. An OperatorError raised in any of its tasks is raised here, without the group around it."""
    try:
        return anyio.run(main, *arguments)
    except BaseExceptionGroup as group:
        told = group.subgroup(OperatorError)
        if told is None:
            raise
        leaf: BaseException = told
        while isinstance(leaf, BaseExceptionGroup):
            leaf = leaf.exceptions[0]
        raise leaf from None
