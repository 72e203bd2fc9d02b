"""The entries of all nodes, each decoded once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from simulations.checkers.contents import HeldEntry, NodeContents
from simulations.checkers.violation import Dot
from simulations.checkers.wire import FormatWrong, Header, decode_header, digest, is_signed


class Entry(NamedTuple):
    """An entry as it was signed, with the payload that belongs to it."""

    header: Header
    payload: bytes

    @property
    def dot(self) -> Dot:
        """The entry's identity."""
        return self.header.dot


class Catalogue:
    """Headers by their bytes, payloads by their digests; each header is decoded and each signature verified once.

    A node that holds an entry with another payload than was signed holds that entry all the same, and a spoilt copy of its
    payload: what follows from the entry is judged by an intact copy, the spoilt one is a matter of `audit_chain`.
    """

    def __init__(self, nodes: Iterable[NodeContents]) -> None:
        self._headers: dict[bytes, Header | None] = {}
        self._payloads: dict[bytes, bytes] = {}
        self._signatures: dict[tuple[bytes, bytes, bytes], bool] = {}
        self._by_dot: dict[Dot, Header] = {}
        seen: dict[Dot, tuple[bytes, bytes]] = {}
        for held in (held for node in nodes for held in node.entries):
            if seen.get(held.dot) == (held.header, held.payload):
                continue
            seen[held.dot] = (held.header, held.payload)
            self._payloads[digest(held.payload)] = held.payload
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
            payload = None if header is None else self._payloads.get(header.payload_digest)
            if header is not None and payload is not None:
                found.setdefault(header.dot, Entry(header, payload))
        return list(found.values())
