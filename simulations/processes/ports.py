"""Free ports on loopback, for processes that this machine starts for itself."""

from __future__ import annotations

import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"


def free_ports(amount: int) -> list[int]:
    """Ports that nobody listens on now. Another process may take one before it is used; whoever listens then says so."""
    with ExitStack() as stack:
        bound = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(amount)]
        for one in bound:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in bound]
