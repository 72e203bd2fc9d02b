"""A network plug that a person can pull: every link behind it ends at once, as if the cable were out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import anyio


class Plug:
    """One plug of a node, in at first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_in = True
        self._scopes: set[anyio.CancelScope] = set()
        self._put_back = anyio.Event()

    def pull(self) -> None:
        """Cut everything that runs behind this plug."""
        self.is_in = False
        for scope in tuple(self._scopes):
            scope.cancel(f"the plug {self.name} was pulled")

    def put_back(self) -> None:
        """Let links be made again."""
        self.is_in = True
        self._put_back.set()
        self._put_back = anyio.Event()

    async def wait_in(self) -> None:
        """Return when the plug is in."""
        while not self.is_in:
            await self._put_back.wait()

    @contextmanager
    def guarded(self) -> Iterator[anyio.CancelScope]:
        """Run a block that ends when the plug is pulled; at once, when it is out already."""
        with anyio.CancelScope() as scope:
            self._scopes.add(scope)
            try:
                if not self.is_in:
                    scope.cancel()
                yield scope
            finally:
                self._scopes.discard(scope)
