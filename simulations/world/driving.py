"""Runs the product's asynchronous calls in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


def now(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that has everything at hand. RuntimeError when it waits for something after all."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise RuntimeError("a simulated node waited: in virtual time it would wait for ever")


class Turnstile:
    """Where coroutines wait until all of them are let through."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def __await__(self) -> Generator[Turnstile, None, None]:
        yield self

    def stop(self, go_on: Callable[[], None]) -> None:
        """Somebody waits here. `go_on` is called once."""
        self._waiting.append(go_on)

    def let_through(self) -> None:
        """Whoever waits goes on, in the order of coming."""
        waiting, self._waiting = self._waiting, []
        for go_on in waiting:
            go_on()


class Errand(Generic[Result]):
    """A coroutine that may have to wait at turnstiles."""

    def __init__(self, coroutine: Coroutine[Any, Any, Result], done: Callable[[Result], None]) -> None:
        """`done` is called with the result, within the `run` that comes to the end."""
        self._coroutine = coroutine
        self._done = done

    def run(self, go_on: Callable[[], None]) -> None:
        """Run on. Raises what the coroutine raises. Where it has to wait, `go_on` is called when it may run again."""
        try:
            turnstile = self._coroutine.send(None)
        except StopIteration as done:
            self._done(done.value)
            return
        assert isinstance(turnstile, Turnstile), "in virtual time nothing else is waited for"
        turnstile.stop(go_on)
