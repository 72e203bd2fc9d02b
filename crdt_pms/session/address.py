"""Where sessions of a property are found: the path that a connection asks for says the property before anything is said."""

from __future__ import annotations

from typing import Final

_SYNC: Final = "/sync/"


def session_address(node: str, property_id: str) -> str:
    """The WebSocket address of a property's sessions at a node, whose own address (`wss://host:port`) ends without a path."""
    return f"{node.removesuffix('/')}{_SYNC}{property_id}"


def property_asked_for(path: str) -> str | None:
    """The property that the path of a connection names; None for a path that is not one of sessions."""
    return path.removeprefix(_SYNC) if path.startswith(_SYNC) else None
