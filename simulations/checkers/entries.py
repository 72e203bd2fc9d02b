"""The entries of all nodes, each decoded once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from simulations.checkers.contents import HeldEntry, NodeContents
from simulations.checkers.violation import Dot
from simulations.checkers.wire import CONTENT, PERSONAL, FormatWrong, Header, decode_header, digest, is_signed


class Entry(NamedTuple):
    """An entry as it was signed, with the parts of the payload that belong to it; None for an erased one."""

    header: Header
    parts: tuple[bytes | None, ...]

    @property
    def content(self) -> bytes:
        """The first part that is no personal data; empty where the payload has none."""
        roles = zip(self.header.parts, self.parts, strict=True)
        return next((part for (role, _digest), part in roles if role == CONTENT and part is not None), b"")

    @property
    def dot(self) -> Dot:
        """The entry's identity."""
        return self.header.dot


class Catalogue:
    """Headers by their bytes, parts of payloads by their digests; each header is decoded and each signature verified once.

    A node that holds an entry with another payload than was signed holds that entry all the same, and a spoilt copy of a
    part: what follows from the entry is judged by an intact copy, the spoilt one is a matter of `audit_chain`.
    """

    def __init__(self, nodes: Iterable[NodeContents]) -> None:
        self._headers: dict[bytes, Header | None] = {}
        self._parts: dict[bytes, bytes] = {}
        self._signatures: dict[tuple[bytes, bytes, bytes], bool] = {}
        self._by_dot: dict[Dot, Header] = {}
        seen: dict[Dot, tuple[bytes, tuple[bytes | None, ...]]] = {}
        for held in (held for node in nodes for held in node.entries):
            if seen.get(held.dot) == (held.header, held.parts):
                continue
            seen[held.dot] = (held.header, held.parts)
            self._parts.update({digest(part): part for part in held.parts if part is not None})
            if (header := self.header(held)) is not None:
                self._by_dot.setdefault(header.dot, header)

    def is_signed(self, device_key: bytes, signature: bytes, signed: bytes) -> bool:
        """Whether Ed25519 has this signature under this key over these bytes."""
        question = (device_key, signature, signed)
        if question not in self._signatures:
            self._signatures[question] = is_signed(*question)
        return self._signatures[question]

    def find(self, dot: Dot) -> Header | None:
        """The header of that entry as some node holds it; None when no node is left with it."""
        return self._by_dot.get(dot)

    def header(self, held: HeldEntry) -> Header | None:
        """What the stored header says; None when it is not of the format."""
        if held.header not in self._headers:
            try:
                self._headers[held.header] = decode_header(held.header)
            except FormatWrong:
                self._headers[held.header] = None
        return self._headers[held.header]

    def entries(self, node: NodeContents) -> Sequence[Entry]:
        """The node's readable entries in the order of its log, each once. Unreadable ones are a matter of `audit_chain`."""
        found: dict[Dot, Entry] = {}
        for held in node.entries:
            header = self.header(held)
            if header is None:
                continue
            parts = tuple(self._parts.get(signed) for _role, signed in header.parts)
            if all(
                part is not None or role == PERSONAL for (role, _signed), part in zip(header.parts, parts, strict=True)
            ):
                found.setdefault(header.dot, Entry(header, parts))
        return list(found.values())
